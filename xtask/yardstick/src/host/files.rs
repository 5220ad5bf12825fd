//! Captures on disk: read, listed, removed, and written whole or not at all.
//!
//! A capture is written into a temporary sibling folder, flushed to the disk, and then put in its place by one
//! rename; a capture that it replaces is exchanged with it in the same system call. Whatever happens
//! in between – a full disk, a signal, a crash – the name shows the whole old capture or the whole new one.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use nix::{
    errno::Errno,
    fcntl::{AT_FDCWD, Flock, FlockArg, RenameFlags, renameat2},
};

use super::{CaptureFiles, TemporaryFolder, signals, temporary};
use crate::problem::Problem;

/// The folder of a capture with the raw recordings: too large to be kept in memory, and not part of what is checked.
const RAW: &str = "raw";

/// The start of the names of temporary folders in a store. No capture's name begins with a dot.
const TEMPORARY_PREFIX: &str = ".yardstick-";

pub(super) fn names(store: &Utf8Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(store) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read `{store}`"))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read `{store}`"))?;
        if let Ok(name) = entry.file_name().into_string()
            && !name.starts_with('.')
            && entry.path().is_dir()
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

pub(super) fn read(store: &Utf8Path, name: &str) -> Result<Option<CaptureFiles>> {
    let folder = store.join(name);
    if !folder.is_dir() {
        return Ok(None);
    }
    let mut files = CaptureFiles::new();
    for path in files_below(&folder)? {
        if !path.starts_with(RAW) {
            let full = folder.join(&path);
            let bytes = fs::read(&full).with_context(|| format!("cannot read `{full}`"))?;
            files.insert(path.into_string(), bytes);
        }
    }
    Ok(Some(files))
}

pub(super) fn update(
    store: &Utf8Path,
    name: &str,
    raw: &BTreeMap<String, Utf8PathBuf>,
    change: &mut dyn FnMut(Option<CaptureFiles>) -> Result<CaptureFiles>,
) -> Result<()> {
    fs::create_dir_all(store).map_err(|error| cannot_write(store, &error))?;
    temporary::sweep(store.as_std_path(), TEMPORARY_PREFIX);
    // Two programs that save at once take turns, or one would undo what the other adds.
    let _turn = lock(store)?;
    let files = change(read(store, name)?)?;
    let target = store.join(name);
    let scratch = TemporaryFolder::new(store.as_std_path(), TEMPORARY_PREFIX)?;
    let new = super::utf8(scratch.path())?;
    write_all(&new, &files)
        .and_then(|()| place_raw(&target.join(RAW), &new.join(RAW), raw))
        .map_err(|error| cannot_write(&target, &error))?;
    // From mkdtemp the folder has no permissions for others.
    let permissions = fs::metadata(store).map(|metadata| metadata.permissions());
    permissions
        .and_then(|permissions| fs::set_permissions(&new, permissions))
        .and_then(|()| sync_folders(&new))
        .map_err(|error| cannot_write(&target, &error))?;
    signals::check()?;
    put_in_place(scratch, &target).map_err(|error| cannot_write(&target, &error))?;
    sync_folder(store).map_err(|error| cannot_write(&target, &error))
}

pub(super) fn remove(store: &Utf8Path, name: &str) -> Result<bool> {
    let target = store.join(name);
    if !target.is_dir() {
        return Ok(false);
    }
    let _turn = lock(store)?;
    let scratch = TemporaryFolder::new(store.as_std_path(), TEMPORARY_PREFIX)?;
    // The name is gone at once; the files go with the temporary folder.
    fs::rename(&target, scratch.path().join("removed"))
        .with_context(|| format!("cannot remove `{target}`"))?;
    Ok(true)
}

/// Writes files below `folder`, each of them whole or not at all.
pub(super) fn write_files(folder: &Utf8Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    for (name, bytes) in files {
        let path = folder.join(name);
        write_one(&path, bytes).map_err(|error| cannot_write(&path, &error))?;
    }
    Ok(())
}

/// Adds to the end of a file that is there, down to the disk.
pub(super) fn append(path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    let append = || {
        let mut file = File::options().append(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_data()
    };
    append().map_err(|error| cannot_write(path, &error))
}

fn write_one(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Utf8Path::new("."));
    fs::create_dir_all(parent)?;
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .tempfile_in(parent)?;
    file.write_all(bytes)?;
    fs::set_permissions(file.path(), permissions_of_a_new_file())?;
    file.persist(path)?;
    Ok(())
}

/// What any program gives a file that it creates; temporary files are private otherwise.
fn permissions_of_a_new_file() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o644)
}

fn write_all(folder: &Utf8Path, files: &CaptureFiles) -> io::Result<()> {
    for (name, bytes) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = File::create_new(&path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    Ok(())
}

/// Raw files are large: those that are there already are linked, new ones are moved.
fn place_raw(
    old: &Utf8Path,
    new: &Utf8Path,
    added: &BTreeMap<String, Utf8PathBuf>,
) -> io::Result<()> {
    for (name, source) in added {
        let path = new.join(name);
        fs::create_dir_all(path.parent().unwrap_or(new))?;
        if fs::rename(source, &path).is_err() {
            // It is on another file system.
            fs::copy(source, &path)?;
            fs::remove_file(source)?;
        }
    }
    let held = match old.is_dir() {
        true => files_below(old).map_err(io::Error::other)?,
        false => Vec::new(),
    };
    for name in held {
        let path = new.join(&name);
        if !path.exists() {
            fs::create_dir_all(path.parent().unwrap_or(new))?;
            if fs::hard_link(old.join(&name), &path).is_err() {
                fs::copy(old.join(&name), &path)?;
            }
        }
    }
    match new.is_dir() {
        // Captures are there to be committed, and raw recordings are not.
        true => fs::write(new.join(".gitignore"), "*\n"),
        false => Ok(()),
    }
}

fn put_in_place(scratch: TemporaryFolder, target: &Utf8Path) -> io::Result<()> {
    let target = target.as_std_path();
    match rename(scratch.path(), target, RenameFlags::RENAME_NOREPLACE) {
        Ok(()) => scratch.keep(),
        Err(Errno::EEXIST) => match rename(scratch.path(), target, RenameFlags::RENAME_EXCHANGE) {
            // What the guard now removes is the old capture.
            Ok(()) => drop(scratch),
            Err(Errno::EINVAL | Errno::ENOSYS) => replace_in_two_steps(scratch, target)?,
            Err(errno) => return Err(errno.into()),
        },
        // The file system does not know the flags.
        Err(Errno::EINVAL | Errno::ENOSYS) => replace_in_two_steps(scratch, target)?,
        Err(errno) => return Err(errno.into()),
    }
    Ok(())
}

/// For file systems that cannot exchange two names. If we die between the two renames, the old
/// capture is there under the name `<name>.replaced`.
fn replace_in_two_steps(scratch: TemporaryFolder, target: &Path) -> io::Result<()> {
    if !target.exists() {
        fs::rename(scratch.path(), target)?;
        scratch.keep();
        return Ok(());
    }
    let mut aside = target.as_os_str().to_owned();
    aside.push(".replaced");
    fs::rename(target, &aside)?;
    match fs::rename(scratch.path(), target) {
        Ok(()) => scratch.keep(),
        Err(error) => {
            fs::rename(&aside, target)?;
            return Err(error);
        }
    }
    fs::remove_dir_all(aside)
}

fn rename(from: &Path, to: &Path, flags: RenameFlags) -> nix::Result<()> {
    renameat2(AT_FDCWD, from, AT_FDCWD, to, flags)
}

fn lock(store: &Utf8Path) -> Result<Flock<File>> {
    let mut folder = File::open(store).with_context(|| format!("cannot open `{store}`"))?;
    loop {
        signals::check()?;
        match Flock::lock(folder, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err((same, Errno::EWOULDBLOCK)) => folder = same,
            Err((_, errno)) => return Err(errno).with_context(|| format!("cannot lock `{store}`")),
        }
        // Whoever has it writes a few files; a blocking lock would not see Ctrl-C.
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// The files below a folder, by path relative to it.
fn files_below(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![Utf8PathBuf::new()];
    while let Some(relative) = folders.pop() {
        let full = folder.join(&relative);
        for entry in full
            .read_dir_utf8()
            .with_context(|| format!("cannot read `{full}`"))?
        {
            let entry = entry.with_context(|| format!("cannot read `{full}`"))?;
            let path = relative.join(entry.file_name());
            if entry
                .file_type()
                .with_context(|| format!("cannot read `{full}`"))?
                .is_dir()
            {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn sync_folders(folder: &Utf8Path) -> io::Result<()> {
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

fn sync_folder(folder: &Utf8Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn cannot_write(path: &Utf8Path, error: &io::Error) -> anyhow::Error {
    if let Some(signal) = signals::received() {
        return signal.into();
    }
    let problem = Problem::failure(format!("cannot write `{path}`"));
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            problem
                .fact(format!("{error}"))
                .fact("nothing was changed")
                .hint(format!(
                    "make room on the disk that holds `{path}` and run it again"
                ))
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            problem.fact(format!("{error}")).fact("nothing was changed")
        }
        _ => problem.fact(format!("{error}")),
    }
    .into()
}

#[cfg(test)]
mod tests;
