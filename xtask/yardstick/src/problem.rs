//! What the user is told when something goes wrong.

use std::fmt;

/// Exit codes; a documented part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done.
    Success = 0,
    /// The tool could not do what was asked.
    Failure = 1,
    /// The command line asks for something that does not exist or contradicts itself.
    Usage = 2,
    /// Under `--gate`: a benchmark regressed at or above the level that fails.
    Regressed = 10,
    /// Under `--gate`: nothing regressed, and something is undecided or nothing was measured.
    Undecided = 11,
    /// Ctrl-C.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

/// An error in words: what is wrong with which object, what was found against what was
/// wanted, and the command that helps.
///
/// ```text
/// error: capture `per` not found in `profiles/`
///   known captures: `post`, `pre`
///
/// hint: did you mean `pre`?
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    exit_code: ExitCode,
    what: String,
    facts: Vec<String>,
    hint: Option<String>,
}

impl Problem {
    /// The tool could not do what was asked: `what` is a lowercase fragment that names the object.
    pub fn failure(what: impl Into<String>) -> Self {
        Self::new(ExitCode::Failure, what)
    }

    /// The command line is wrong: `what` is a lowercase fragment that names the object.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(ExitCode::Usage, what)
    }

    /// A signal ended the run.
    pub fn interrupted(exit_code: ExitCode, what: impl Into<String>) -> Self {
        Self::new(exit_code, what)
    }

    fn new(exit_code: ExitCode, what: impl Into<String>) -> Self {
        Self {
            exit_code,
            what: what.into(),
            facts: Vec::new(),
            hint: None,
        }
    }

    /// Adds a line below the message: found against wanted, what is known.
    #[must_use]
    pub fn fact(mut self, line: impl Into<String>) -> Self {
        self.facts.push(line.into());
        self
    }

    /// Says what helps, with one command to copy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says first what was being done: `doing: what`.
    #[must_use]
    pub fn about(mut self, doing: impl fmt::Display) -> Self {
        self.what = format!("{doing}: {}", self.what);
        self
    }

    /// What is wrong and what is known of it, line by line, without the hint.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let facts = self.facts.iter().flat_map(|fact| fact.lines());
        self.what.lines().chain(facts)
    }

    /// The code the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        self.exit_code
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for line in self.facts.iter().flat_map(|fact| fact.lines()) {
            write!(f, "\n  {line}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}
