//! The folder for what can be made again: builds of sides, and executables kept by their content.

use std::env;

use anyhow::Result;
use camino::Utf8PathBuf;

use super::utf8;

pub(super) fn folder() -> Result<Utf8PathBuf> {
    let of = |name: &str| {
        let folder = env::var(name).ok().map(Utf8PathBuf::from);
        // The rules for `XDG_CACHE_HOME` say that a relative path counts for nothing.
        folder.filter(|folder| folder.is_absolute())
    };
    let caches = of("XDG_CACHE_HOME")
        .or_else(|| of("HOME").map(|home| home.join(".cache")))
        .map_or_else(|| utf8(&env::temp_dir()), Ok)?;
    Ok(caches.join("yardstick"))
}
