//! The one place that decides which mutex the crate is built on: the one of
//! the standard library, or the one of loom when the models are run.

#[cfg(loom)]
use loom::sync::{Mutex as Inner, MutexGuard as InnerGuard};
use std::fmt;
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Mutex as Inner, MutexGuard as InnerGuard};

pub(crate) type MutexGuard<'a, T> = InnerGuard<'a, T>;

/// A mutex without poisoning. No code of a user runs under any lock of this
/// crate, so a panic cannot leave the protected value half changed.
pub(crate) struct Mutex<T>(Inner<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Inner::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Mutex")
    }
}
