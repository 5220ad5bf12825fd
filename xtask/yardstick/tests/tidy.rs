//! The invariants of the design, checked on the source itself. Every message names the file
//! and the line to change.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/manifests.rs"]
mod manifests;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/tree.rs"]
mod tree;
