//! Hands a file to the program that the desktop shows its kind with.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use camino::Utf8Path;

use crate::problem::Problem;

use super::signals;

/// What opens files on this system.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// How long it may take to say that it cannot.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn open(path: &Utf8Path) -> Result<()> {
    open_with(OPENER, path)
}

/// Starts the opener and waits a moment for its complaint. What it opens is the user's from then on, and outlives us: it is
/// the only process that does.
fn open_with(opener: &str, path: &Utf8Path) -> Result<()> {
    let child = Command::new(opener)
        .arg(path)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Problem::failure(format!("there is no `{opener}` here")).into());
        }
        Err(error) => return Err(error.into()),
    };
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        signals::check()?;
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                return Err(Problem::failure(format!("`{opener}` failed ({status})")).into());
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_to_open_is_told() {
        let path = Utf8Path::new("report.html");
        assert!(open_with("true", path).is_ok());
        for (opener, wanted) in [
            ("no-such-opener", "there is no `no-such-opener` here"),
            ("false", "`false` failed (exit status: 1)"),
        ] {
            let error = open_with(opener, path).expect_err("it cannot");
            assert_eq!(error.to_string(), wanted);
        }
    }
}
