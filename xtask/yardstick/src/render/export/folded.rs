//! Collapsed stacks: what every flame graph tool reads, and what captures hold.

use crate::model::profile::Profile;

/// One line `root;…;leaf weight` per stack; a weight is a number of stack samples.
pub(super) fn bytes(profile: &Profile) -> Vec<u8> {
    profile.stacks.to_string().into_bytes()
}
