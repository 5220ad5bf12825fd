//! The target `criterion_output`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz_bodies::run("criterion_output", bytes);
});
