//! Our program in the place of the linker: it links as the user's linker does, and keeps what a link is made from.
//!
//! The compiler deletes its objects as soon as they are linked, so that nothing else can link an executable again in
//! another order. Whatever goes wrong here must not break a build: an executable whose link could not be kept is one
//! that cannot be linked again, and no more.

use std::{
    env,
    ffi::OsString,
    fs, io,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, ExitCode, ExitStatus},
    time::UNIX_EPOCH,
};

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::utf8;
use crate::parse::link::{self, Input, Link};

/// The folder that holds our program under the name of the user's linker, from which the compiler tells how to talk to it.
const FOLDER: &str = "yardstick-linker";

/// The variable that says which linker is the user's.
pub const USERS_LINKER: &str = "YARDSTICK_LINKER";

/// In the folder of a kept link: what [`Link::encode`] writes.
pub(super) const LINK_FILE: &str = "link";

/// In the folder of a link that could not be kept: why.
pub(super) const REASON_FILE: &str = "reason";

/// What cargo sets while it compiles benches and integration tests, and for nothing else.
const OF_BENCHES: &str = "CARGO_TARGET_TMPDIR";

/// The exit code for an end by a signal, less the signal's number, as shells have it.
const SIGNALLED: i32 = 128;

/// Makes the program that the compiler is told to link with, and returns where it is.
pub(super) fn install(cache: &Utf8Path, program: &Path, users_linker: &str) -> Result<Utf8PathBuf> {
    let folder = cache.join(FOLDER);
    let name = Utf8Path::new(users_linker).file_name().unwrap_or("cc");
    let path = folder.join(name);
    let make = || -> io::Result<()> {
        fs::create_dir_all(&folder)?;
        if fs::read_link(&path).is_ok_and(|target| target == program) {
            return Ok(());
        }
        // A link that another process reads meanwhile is either the old one or the new one.
        let new = folder.join(format!(".{name}.{}", std::process::id()));
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        symlink(program, &new)?;
        fs::rename(&new, &path)
    };
    make().with_context(|| format!("cannot make `{path}`"))?;
    Ok(path)
}

/// Where the link of an executable is kept.
pub(super) fn kept_folder(executable: &Utf8Path) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("{executable}.links"))
}

/// Links, where these are the arguments of a linker; `None` where our program was started as itself.
pub fn stand_in(arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments;
    let name = arguments.next()?;
    let name = Path::new(&name);
    if name.parent()?.file_name()? != FOLDER {
        return None;
    }
    let linker = env::var_os(USERS_LINKER)
        .filter(|linker| !linker.is_empty())
        .or_else(|| name.file_name().map(OsString::from))?;
    Some(run(&linker, &arguments.collect::<Vec<_>>()))
}

fn run(linker: &OsString, arguments: &[OsString]) -> ExitCode {
    let words: Option<Vec<String>> = arguments
        .iter()
        .map(|argument| argument.to_str().map(str::to_owned))
        .collect();
    let kept = words
        .filter(|_| env::var_os(OF_BENCHES).is_some())
        .and_then(|words| with_response_files(words).ok());
    let folder = kept.as_deref().and_then(link::output).map(kept_folder);
    if let Some(folder) = &folder {
        // It belongs to the executable that is about to be replaced.
        let _ = fs::remove_dir_all(folder);
    }
    let status = match Command::new(linker).args(arguments).status() {
        Ok(status) => status,
        Err(error) => {
            super::complain(&format!(
                "error: cannot start the linker `{}`: {error}\n",
                linker.to_string_lossy()
            ));
            return ExitCode::FAILURE;
        }
    };
    if let (true, Some(arguments), Some(folder)) = (status.success(), kept, folder) {
        keep_or_say_why(&linker.to_string_lossy(), arguments, &folder);
    }
    exit_code(status)
}

fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| SIGNALLED + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// The arguments, with those in response files in the place of the files' names.
fn with_response_files(arguments: Vec<String>) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for argument in arguments {
        match argument.strip_prefix('@') {
            Some(path) if Path::new(path).is_file() => {
                let text =
                    fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))?;
                all.extend(link::response_file(&text));
            }
            _ => all.push(argument),
        }
    }
    Ok(all)
}

fn keep_or_say_why(linker: &str, arguments: Vec<String>, folder: &Utf8Path) {
    if let Err(error) = keep(linker, arguments, folder) {
        // Half a link is none. The build goes on whatever happens to the reason.
        let _ = fs::remove_dir_all(folder);
        let _ = fs::create_dir_all(folder);
        let _ = fs::write(folder.join(REASON_FILE), format!("{error:#}"));
    }
}

fn keep(linker: &str, mut arguments: Vec<String>, folder: &Utf8Path) -> Result<()> {
    let executable = link::output(&arguments)
        .context("the linker is not told where to write")?
        .to_owned();
    ensure!(
        executable.is_absolute(),
        "`{executable}` is not an absolute path"
    );
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{folder}`"))?;
    let mut inputs = Vec::new();
    for (position, argument) in arguments.iter_mut().enumerate() {
        let found: Vec<Utf8PathBuf> = link::paths_in(argument)
            .filter(|path| **path != executable && path.is_file())
            .map(Utf8Path::to_owned)
            .collect();
        for path in found {
            if !is_thrown_away(&path) {
                inputs.push(input(&path)?);
                continue;
            }
            let copy = folder.join(format!(
                "{position}-{}",
                path.file_name().unwrap_or_default()
            ));
            fs::copy(&path, &copy).with_context(|| format!("cannot copy `{path}`"))?;
            *argument = argument.replace(path.as_str(), copy.as_str());
        }
    }
    let kept = Link {
        linker: linker.to_owned(),
        folder: utf8(&env::current_dir().context("cannot tell the working directory")?)?,
        executable,
        arguments,
        inputs,
    };
    let path = folder.join(LINK_FILE);
    fs::write(&path, kept.encode()).with_context(|| format!("cannot write `{path}`"))
}

/// Whether the compiler deletes a file after the link, or writes another one in its place: objects, and all that is in
/// the temporary folder that it makes for a link.
fn is_thrown_away(path: &Utf8Path) -> bool {
    let of_compiler = |folder: &Utf8Path| {
        let name = folder.file_name().unwrap_or_default();
        name.strip_prefix("rustc").is_some_and(|random| {
            random.len() == 6 && random.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    path.extension() == Some("o") || path.ancestors().skip(1).any(of_compiler)
}

/// A file as it is now.
pub(super) fn input(path: &Utf8Path) -> Result<Input> {
    let read = || -> io::Result<Input> {
        let metadata = fs::metadata(path)?;
        let since_1970 = metadata.modified()?.duration_since(UNIX_EPOCH);
        Ok(Input {
            path: path.to_owned(),
            bytes: metadata.len(),
            modified_ns: since_1970.map_or(0, |time| time.as_nanos()),
        })
    };
    read().with_context(|| format!("cannot read `{path}`"))
}
