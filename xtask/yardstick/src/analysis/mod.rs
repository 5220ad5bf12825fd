//! From two captures to a comparison: pure functions that never fail.
