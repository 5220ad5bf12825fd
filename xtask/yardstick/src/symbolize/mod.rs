//! Addresses to names: unwind, resolve, normalise, trim, attribute.

mod attribute;
mod images;
pub mod names;
mod resolve;
mod unwind;
pub use attribute::Member;
pub use images::FileBytes;

/// Finds the bytes of a file by its path; `[vdso]` is asked for by that name.
pub type Files<'a> = &'a dyn Fn(&str) -> Option<FileBytes>;
