//! The source and the build that a number belongs to.

use std::fmt;

/// The state of the version control checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The commit, in full.
    pub commit: String,
    /// Its branch, unless the checkout is detached.
    pub branch: Option<String>,
    /// The id of the tree that was built, where it differs from the commit's:
    /// tracked files with their uncommitted changes.
    pub dirty_tree: Option<String>,
}

/// How the executables were built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The output of `rustc -vV`, line by line.
    pub rustc: Vec<String>,
    /// The Cargo profile.
    pub cargo_profile: String,
    /// The features asked for on the command line.
    pub features: Features,
    /// The flags in force besides the Cargo profile's.
    pub rustflags: Vec<String>,
    /// The SHA-256 of `Cargo.lock`, in hexadecimal; `None` where there is none.
    pub lockfile_sha256: Option<String>,
}

/// Feature selection, as Cargo's options spell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// `--features`, in the order given.
    pub named: Vec<String>,
    /// `--all-features`.
    pub all: bool,
    /// `--no-default-features`.
    pub no_default: bool,
}

impl fmt::Display for Features {
    /// `default`, `a + b`, `all`, `a + no default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<&str> = self.named.iter().map(String::as_str).collect();
        words.extend(self.all.then_some("all"));
        words.extend(self.no_default.then_some("no default"));
        match words.is_empty() {
            true => f.write_str("default"),
            false => f.write_str(&words.join(" + ")),
        }
    }
}

/// One executable that was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executable {
    /// The package of the suite.
    pub package: String,
    /// The suite.
    pub suite: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Where one part of a capture comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// When it was measured: RFC 3339, UTC.
    pub measured_at: String,
    /// The command line that measured it, as it could be typed again.
    pub command: Vec<String>,
    /// The checkout; `None` outside version control.
    pub revision: Option<Revision>,
    /// The build.
    pub build: Build,
    /// The machine.
    pub machine: super::machine::Machine,
    /// The executables, in suite order.
    pub executables: Vec<Executable>,
}
