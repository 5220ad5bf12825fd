//! What a Criterion bench may link, and the format of what it then tells.

pub mod wire;
