//! The bytes of executables, libraries and recordings, without a copy.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

use memmap2::Mmap;

use crate::model::recording::FileBytes;

/// What the kernel calls the library that it maps into every process.
const VDSO: &str = "[vdso]";

/// The bytes of a file, mapped into memory; `None` where it cannot be read.
pub(super) fn file(path: &Path) -> Option<FileBytes> {
    if path == Path::new(VDSO) {
        return own_vdso().map(|bytes| Arc::new(bytes) as FileBytes);
    }
    let file = File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    // SAFETY: The map is private and read-only. What could go wrong is that another process cuts or rewrites the file
    // in place meanwhile. Compilers and package managers put new files in the place of executables and libraries,
    // and recordings are written by our children, which have ended.
    let map = unsafe { Mmap::map(&file) }.ok()?;
    Some(Arc::new(map))
}

/// The vdso of this process: the same code as in any other under this kernel.
fn own_vdso() -> Option<Vec<u8>> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.ends_with(VDSO))?;
    let (start, end) = line.split(' ').next()?.split_once('-')?;
    let start = u64::from_str_radix(start, 16).ok()?;
    let end = u64::from_str_radix(end, 16).ok()?;
    let mut bytes = vec![0; usize::try_from(end.checked_sub(start)?).ok()?];
    File::open("/proc/self/mem")
        .ok()?
        .read_exact_at(&mut bytes, start)
        .ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_mapped_and_a_missing_one_or_a_folder_is_none() {
        let own = std::env::current_exe().expect("this test has a file");
        let bytes = file(&own).expect("it can be read");
        assert!((*bytes).as_ref().starts_with(b"\x7fELF"));
        assert!(file(Path::new("/no/such/file")).is_none());
        assert!(file(Path::new("/")).is_none());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_vdso_is_a_library() {
        let bytes = file(Path::new(VDSO)).expect("this kernel maps one");
        assert!((*bytes).as_ref().starts_with(b"\x7fELF"));
    }
}
