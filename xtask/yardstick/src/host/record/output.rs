//! What the recorded program prints: kept aside, and quoted when the program fails.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Command, Stdio};

/// Bytes of output that a message may quote.
const QUOTED_BYTES: u64 = 4096;
/// Lines of output that a message may quote.
const QUOTED_LINES: usize = 12;

/// Output and errors of one program, in one unnamed file and in the order they were written.
#[derive(Debug)]
pub(super) struct Output(File);

impl Output {
    /// Sends both streams of `command` here, and gives it no input: in its own process group it
    /// could not read the terminal.
    pub(super) fn capture(command: &mut Command) -> io::Result<Self> {
        let file = tempfile::tempfile()?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::from(file.try_clone()?))
            .stderr(Stdio::from(file.try_clone()?));
        Ok(Self(file))
    }

    /// The last lines that were printed.
    pub(super) fn last_lines(&mut self) -> Vec<String> {
        self.tail().unwrap_or_default()
    }

    fn tail(&mut self) -> io::Result<Vec<String>> {
        let length = self.0.seek(SeekFrom::End(0))?;
        self.0
            .seek(SeekFrom::Start(length.saturating_sub(QUOTED_BYTES)))?;
        let mut bytes = Vec::new();
        Read::by_ref(&mut self.0)
            .take(QUOTED_BYTES)
            .read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let first = lines.len().saturating_sub(QUOTED_LINES);
        Ok(lines[first..].iter().map(|&line| line.to_owned()).collect())
    }
}
