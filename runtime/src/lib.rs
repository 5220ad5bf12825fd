//! A tokio actor runtime with supervision, and a workflow engine on it.
