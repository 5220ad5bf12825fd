//! The target `replayed_machine`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz_bodies::run("replayed_machine", bytes);
});
