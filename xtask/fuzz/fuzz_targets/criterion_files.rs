//! The target `criterion_files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz_bodies::run("criterion_files", bytes);
});
