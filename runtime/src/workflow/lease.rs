//! Leases: the right to execute one attempt of one step, for a while.

use super::{RetryPolicy, StepId, StepInput, WorkerId};

/// The right to execute one attempt of one step and to submit its result.
///
/// Not in force any more once a result was accepted under it, or once somebody took it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The step that is executed.
    pub step: StepId,
    /// Number of the attempt; the first is 1.
    pub attempt: u32,
    /// Who holds it.
    pub holder: WorkerId,
    /// Tells this lease from every other that the store gave out.
    pub token: u64,
    /// How often the step is tried, and how long apart.
    pub retry: RetryPolicy,
}

/// A step that a worker claimed.
#[derive(Debug, Clone)]
pub struct ClaimedStep {
    /// The right to execute it.
    pub lease: Lease,
    /// What its handler is given.
    pub input: StepInput,
}
