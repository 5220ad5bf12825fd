//! The target `stored_recordings`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz_bodies::run("stored_recordings", bytes);
});
