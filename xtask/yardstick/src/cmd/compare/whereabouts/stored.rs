//! Recordings on the disk, below the run that they belong to.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{super::rounds::journal::Journal, Recorded};
use crate::{
    cmd::Context,
    model::whereabouts::Whereabouts,
    store::whereabouts::{WHERE, decode, encode, folder},
};

/// Reads all that was recorded after a run.
///
/// # Errors
/// If something of it is damaged.
pub fn read(context: &Context<'_>, journal: &Journal) -> Result<Recorded> {
    let all = journal.folder().join(WHERE);
    let mut recorded = BTreeMap::new();
    for name in context.host.capture_names(&all)? {
        let files = context.host.read_capture(&all, &name)?;
        let shown = context.shown(&all.join(&name));
        let whereabouts = decode(&shown, &files.unwrap_or_default())?;
        recorded.insert(whereabouts.key.clone(), whereabouts);
    }
    Ok(recorded)
}

/// Stores what was recorded of a benchmark, whole or not at all.
///
/// # Errors
/// If it cannot be written, or a signal asked us to end.
pub fn write(context: &Context<'_>, journal: &Journal, whereabouts: &Whereabouts) -> Result<()> {
    let all = journal.folder().join(WHERE);
    let name = folder(&whereabouts.key);
    context
        .host
        .update_capture(&all, &name, &BTreeMap::new(), &mut |_| {
            Ok(encode(whereabouts))
        })
}
