//! The workloads that the suites time and `benches/tests` checks.
