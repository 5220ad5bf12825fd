//! The sampler where it does not exist.

use std::convert::Infallible;
use std::io;
use std::path::Path;

use super::StartError;
use crate::wire::recording::End;

/// A sampler that cannot be started here.
#[derive(Debug)]
pub struct Sampler(Infallible);

impl Sampler {
    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub fn start(_path: &Path, _rate_hz: u32) -> Result<Self, StartError> {
        Err(StartError::NotSupported)
    }

    /// Cannot be called, as no sampler exists.
    ///
    /// # Errors
    /// Never.
    pub fn stop(self) -> io::Result<End> {
        match self.0 {}
    }
}
