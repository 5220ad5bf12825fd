//! The target `kernel_files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz_bodies::run("kernel_files", bytes);
});
