//! The target `rustc_flags`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz_bodies::run("rustc_flags", bytes);
});
