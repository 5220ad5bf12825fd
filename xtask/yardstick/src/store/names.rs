//! What a capture may be called.

use crate::problem::Problem;

/// Criterion uses these itself where baselines lie.
const RESERVED: [&str; 5] = ["base", "change", "new", "profile", "report"];

/// The folder among the captures that holds comparisons by fresh rounds.
pub const COMPARISONS: &str = "comparisons";

/// The folder among the captures that holds the self-test.
pub const SELFTEST: &str = "selftest";

/// The name is a folder's, and with `.yardstick-…` before it a temporary one's.
const MAX_BYTES: usize = 64;

/// Checks that `name` can be the name of a capture, of a folder, and of a baseline of Criterion.
///
/// # Errors
/// If it cannot; the problem says why.
pub fn check_name(name: &str) -> Result<(), Problem> {
    let refuse = |why: &str| {
        Err(Problem::usage(format!("`{name}` cannot be the name of a capture")).fact(why))
    };
    if name.is_empty() {
        return refuse("it is empty");
    }
    if name.len() > MAX_BYTES {
        return refuse(&format!(
            "it has {} bytes; {MAX_BYTES} is the most",
            name.len()
        ));
    }
    if RESERVED.contains(&name) {
        return refuse(&format!(
            "Criterion keeps `{}` for itself",
            RESERVED.join("`, `")
        ));
    }
    if name == COMPARISONS {
        return refuse("the folder of that name holds comparisons");
    }
    if name == SELFTEST {
        return refuse("the folder of that name holds the self-test");
    }
    if name.starts_with(['.', '-']) {
        return refuse("it begins with a dot or a dash");
    }
    match name
        .chars()
        .find(|c| !(c.is_alphanumeric() || "._-+@=".contains(*c)))
    {
        Some(bad) => refuse(&format!(
            "it holds {bad:?}; letters, digits and `._-+@=` are allowed"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_folder_or_criterions_own_are_refused() {
        for name in ["pre", "v1.2.3", "issue-7_b", "größe", "a+b@c=d"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        let long = "x".repeat(65);
        for name in [
            "",
            ".",
            "..",
            "comparisons",
            "a/b",
            "..\\x",
            "-v",
            ".hidden",
            "base",
            "new",
            "report",
            "a b",
            "a\0",
            "a\n",
            &long,
        ] {
            assert!(check_name(name).is_err(), "{name:?} was accepted");
        }
    }
}
