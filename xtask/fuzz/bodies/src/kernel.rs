//! What the kernel and valgrind write.

use yardstick::parse::{callgrind, proc, readiness};

use crate::{Outcome, folder};

/// Files of `/proc` and `/sys`, and callgrind's profile.
pub(crate) fn files(bytes: &[u8]) -> Outcome {
    let files = folder::texts(bytes);
    let machine = proc::machine("x86_64", "linux", &files);
    assert!(machine.identity.cores as usize <= bytes.len());
    for text in files.values() {
        if let Some(share) = readiness::steal_share(text) {
            assert!((0.0..=1.0).contains(&share), "{share}");
        }
        let _ = readiness::profiling_profile(text);
        let _ = callgrind::instructions(text);
    }
    Outcome::Read
}
