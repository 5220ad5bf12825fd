//! What the program prints, to the letter: each file below `golden/` is one command with its
//! exit code, stdout and stderr. A missing file fails; `UPDATE_GOLDEN=1` writes what is
//! printed now.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "golden/check.rs"]
mod check;
#[path = "golden/compare.rs"]
mod compare;
#[path = "golden/doctor.rs"]
mod doctor;
#[path = "golden/export.rs"]
mod export;
#[path = "golden/fixtures.rs"]
mod fixtures;
#[path = "golden/help.rs"]
mod help;
#[path = "golden/steps.rs"]
mod steps;
