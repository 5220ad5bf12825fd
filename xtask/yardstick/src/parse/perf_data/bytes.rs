//! A position in untrusted bytes: reading past the end is an error.

use super::damaged;
use crate::problem::Problem;

/// The bytes that are still to be read; little-endian.
#[derive(Clone, Debug)]
pub(super) struct Bytes<'data>(&'data [u8]);

impl<'data> Bytes<'data> {
    pub(super) fn new(data: &'data [u8]) -> Self {
        Self(data)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'data [u8], Problem> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn skip_to(&mut self, count: usize) -> Result<(), Problem> {
        self.take(count).map(|_| ())
    }

    pub(super) fn u16(&mut self) -> Result<u16, Problem> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Problem> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Problem> {
        self.array().map(u64::from_le_bytes)
    }

    /// The next entry of a list whose entries begin like records: kind, flags, and their own length.
    pub(super) fn sized_entry(&mut self) -> Option<&'data [u8]> {
        let length = usize::from(u16::from_le_bytes(*self.0.get(6..)?.first_chunk()?));
        // An entry that is shorter than its own beginning would never end the list.
        (length >= 8).then(|| self.take(length).ok())?
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*taken)
    }
}
