use crate::actor::Exit;

/// Which children are restarted when one fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strategy {
    /// The one that failed.
    #[default]
    OneForOne,
    /// All of them.
    OneForAll,
    /// The one that failed and those that were started after it.
    RestForOne,
}

/// After which ends a child is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Restart {
    /// After every end, also when it was told to stop.
    #[default]
    Permanent,
    /// After a failure: an error, a panic, a kill, a failed health probe.
    Transient,
    /// Never.
    Temporary,
}

impl Restart {
    pub(super) fn follows(self, exit: &Exit) -> bool {
        match self {
            Self::Permanent => *exit != Exit::Abandoned,
            Self::Transient => exit.is_failure() && *exit != Exit::Abandoned,
            Self::Temporary => false,
        }
    }
}
