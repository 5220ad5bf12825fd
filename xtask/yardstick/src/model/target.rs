//! Programs of a workspace that are no benches.

/// What kind of program a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetKind {
    /// An integration test.
    Test,
    /// The unit tests of a library.
    Lib,
    /// A binary.
    Bin,
    /// An example.
    Example,
}

/// A target of a workspace member that can be run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The package that has it.
    pub package: String,
    /// What it is.
    pub kind: TargetKind,
    /// Its name.
    pub name: String,
}

impl TargetKind {
    /// The word of Cargo's option for it, and of the ids of its profiles: `test`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Lib => "lib",
            Self::Bin => "bin",
            Self::Example => "example",
        }
    }

    /// What users call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Test => "integration test",
            Self::Lib => "library",
            Self::Bin => "binary",
            Self::Example => "example",
        }
    }

    /// Whether it is built as tests.
    pub fn is_tests(self) -> bool {
        matches!(self, Self::Test | Self::Lib)
    }
}
