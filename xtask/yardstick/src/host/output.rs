//! The only place that writes to stdout and stderr.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result};

/// What stdout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// How wide a line may be.
    pub width: Width,
}

/// How wide a line may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// A terminal with so many columns.
    Columns(usize),
    /// A file or a pipe: whoever reads it can take any width.
    Unlimited,
}

impl Width {
    /// The columns, where they are limited.
    pub fn columns(self) -> Option<usize> {
        match self {
            Self::Columns(columns) => Some(columns),
            Self::Unlimited => None,
        }
    }
}

/// stdout and stderr with the styles that each can show.
#[derive(Debug)]
pub(super) struct Output {
    choice: ColorChoice,
}

impl Output {
    pub(super) fn new(choice: ColorChoice) -> Self {
        Self { choice }
    }

    pub(super) fn print(&self, text: &str) -> Result<()> {
        let mut stdout = AutoStream::new(io::stdout(), self.choice).lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            // The reader has seen enough, as `head` does.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.context("cannot write to stdout"),
        }
    }

    pub(super) fn note(&self, text: &str) {
        let mut stderr = AutoStream::new(io::stderr(), self.choice).lock();
        // There is nowhere left to complain to.
        let _ = stderr
            .write_all(text.as_bytes())
            .and_then(|()| stderr.flush());
    }

    /// Whether programs whose stderr we relay shall style it.
    pub(super) fn stderr_shows_styles(&self) -> bool {
        match self.choice {
            ColorChoice::Never => false,
            ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
            ColorChoice::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        }
    }

    pub(super) fn terminal(&self) -> Terminal {
        let is_terminal = io::stdout().is_terminal();
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|text| text.parse().ok());
        let width = match (columns, is_terminal) {
            (Some(columns), true) => Width::Columns(columns),
            (None, true) => window_columns().map_or(Width::Columns(80), Width::Columns),
            (_, false) => Width::Unlimited,
        };
        Terminal { width }
    }
}

/// Writes a message to stderr when there is no host to do it.
pub fn complain(text: &str) {
    Output::new(ColorChoice::Auto).note(text);
}

fn window_columns() -> Option<usize> {
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: TIOCGWINSZ writes one `winsize` to the pointer, which lives on our stack.
    let result = unsafe { libc::ioctl(1, libc::TIOCGWINSZ, &raw mut size) };
    (result == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}
