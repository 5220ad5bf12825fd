//! Addresses to names: unwind, resolve, normalise, trim, attribute.

pub mod names;
