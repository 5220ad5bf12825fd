//! Work whose amount is known, so that a verdict on it can be told right from wrong. One file per nature of work.
//!
//! An iteration is [`UNITS`] equal units of work, so that one more unit is one percent more work. A slowdown is injected by adding
//! units, never by waiting: whatever a benchmark's time rests on grows with it.
//!
//! There are no controls: here the work is what is known, and the verdict is what is measured.

pub mod allocation;
pub mod arithmetic;
pub mod end_to_end;
pub mod memory_bound;
pub mod ping_pong;
pub mod task_spawn;

use std::env;
use std::ffi::OsStr;

/// The units of work of an iteration without an injected slowdown.
pub const UNITS: u64 = 100;

/// The variable that holds how many percent more work an iteration is to be: a whole number, 0 without it.
pub const SLOWDOWN_VARIABLE: &str = "YARDSTICK_SELFTEST_SLOWDOWN_PERCENT";

/// The units of work of an iteration of this process.
///
/// # Panics
/// If the variable holds anything but a whole number: a verdict on a slowdown that was not injected would be worth nothing.
#[must_use]
pub fn units_per_iteration() -> u64 {
    units(env::var_os(SLOWDOWN_VARIABLE).as_deref())
}

/// The units of work of an iteration that is slowed down by this many percent.
///
/// # Panics
/// If that is not a whole number.
#[must_use]
pub fn units(slowdown_percent: Option<&OsStr>) -> u64 {
    let Some(written) = slowdown_percent else {
        return UNITS;
    };
    let percent = written
        .to_str()
        .and_then(|text| text.parse::<u32>().ok())
        .unwrap_or_else(|| panic!("{SLOWDOWN_VARIABLE} is {written:?}, not a whole number"));
    UNITS + UNITS * u64::from(percent) / 100
}
