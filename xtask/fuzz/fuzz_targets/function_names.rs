//! The target `function_names`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz_bodies::run("function_names", bytes);
});
