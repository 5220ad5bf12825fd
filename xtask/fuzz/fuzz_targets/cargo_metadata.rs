//! The target `cargo_metadata`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz_bodies::run("cargo_metadata", bytes);
});
