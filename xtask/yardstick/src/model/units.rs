//! What a measured number counts.

/// The unit of one benchmark's measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Time per iteration, in nanoseconds.
    #[default]
    Nanoseconds,
    /// Memory per iteration, in bytes.
    Bytes,
    /// A share of one CPU, in percent.
    Percent,
}
