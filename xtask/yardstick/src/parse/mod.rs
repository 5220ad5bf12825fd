//! The output of other tools, read into the model.

pub mod cargo;
pub mod criterion;
pub mod flags;
pub mod probe;
pub mod proc;
pub mod test_plan;
