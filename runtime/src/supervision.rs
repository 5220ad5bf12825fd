//! Supervision: actors that are restarted when they fail.

mod notice;

pub(crate) use notice::Link;
