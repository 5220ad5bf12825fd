//! The output of other tools, read into the model.
