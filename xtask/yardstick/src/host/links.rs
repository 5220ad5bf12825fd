//! Linking executables again, each time with its functions and data in another order.

use std::{env, fs, process::Command, thread, time::Duration};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::{DebugInfo, LinkKit, linker, process};
use crate::{
    parse::link::{Link, to_response_file},
    problem::Problem,
};

/// A link takes half a second; one that takes this long has hung.
const LIMIT: Duration = Duration::from_secs(120);

/// Of the linker's complaints, how many lines are quoted.
const QUOTED_LINES: usize = 20;

/// Where lld is, if it is there: the compiler's own, else one in `PATH`.
pub(super) fn lld_folder(source: &Utf8Path) -> Option<Utf8PathBuf> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let ask =
        |what: &[&str]| process::text_of(Command::new(&rustc).args(what).current_dir(source)).ok();
    let of_compiler = || {
        let version = ask(&["-vV"])?;
        let host = crate::parse::flags::host_triple(&version)?;
        let sysroot = ask(&["--print", "sysroot"])?;
        let rustlib = Utf8Path::new(sysroot.trim()).join("lib/rustlib");
        Some(rustlib.join(host).join("bin/gcc-ld"))
    };
    let in_path = || {
        let path = env::var_os("PATH")?;
        env::split_paths(&path)
            .filter_map(|folder| Utf8PathBuf::from_path_buf(folder).ok())
            .find(|folder| holds_lld(folder))
    };
    of_compiler()
        .filter(|folder| holds_lld(folder))
        .or_else(in_path)
}

fn holds_lld(folder: &Utf8Path) -> bool {
    folder.join("ld.lld").is_file()
}

/// What an executable can be linked again from, or why it cannot.
pub(super) fn kit(executable: &Utf8Path, lld: Option<&Utf8Path>) -> Result<LinkKit, String> {
    let folder = linker::kept_folder(executable);
    let lld = lld.ok_or("`ld.lld` is neither in the toolchain nor in `PATH`")?;
    if let Ok(reason) = fs::read_to_string(folder.join(linker::REASON_FILE)) {
        return Err(format!("its link could not be kept: {reason}"));
    }
    let kit = LinkKit {
        folder,
        executable: executable.to_owned(),
        lld_folder: lld.to_owned(),
        debug_info: DebugInfo::default(),
    };
    let link = read(&kit).map_err(|_| "its link was not kept".to_owned())?;
    // Such a linker takes other options than a compiler that links.
    let name = Utf8Path::new(&link.linker).file_name().unwrap_or_default();
    let takes_no_driver_options = ["ld", "lld", "rust-lld", "mold"].contains(&name)
        || name.ends_with("-ld")
        || name.starts_with("ld.");
    match takes_no_driver_options {
        true => Err(format!(
            "it is linked by `{name}`, and not by a compiler that can be told to use lld"
        )),
        false => Ok(kit),
    }
}

/// Links an executable again. Which order its sections get follows from the seed.
///
/// # Errors
/// If what it was linked from has changed since, or the linker fails.
pub(super) fn link(kit: &LinkKit, layout_seed: u64, output: &Utf8Path) -> Result<()> {
    let link = read(kit)?;
    refuse_changed_inputs(&link)?;
    let mut arguments = link.arguments_for(output);
    arguments.extend([
        // The last choice of a linker is the one that counts.
        "-fuse-ld=lld".to_owned(),
        format!("-B{}", kit.lld_folder),
        format!("-Wl,--shuffle-sections=*={}", lld_seed(layout_seed)),
    ]);
    if kit.debug_info == DebugInfo::Dropped {
        arguments.push("-Wl,--strip-debug".to_owned());
    }
    if let Some(folder) = output.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make `{folder}`"))?;
    }
    let response_file = Utf8PathBuf::from(format!("{output}.arguments"));
    fs::write(&response_file, to_response_file(&arguments))
        .with_context(|| format!("cannot write `{response_file}`"))?;
    let mut command = Command::new(&link.linker);
    command
        .arg(format!("@{response_file}"))
        .current_dir(&link.folder);
    let finished = process::run_within(&mut command, LIMIT);
    // It is of no use any more, and litter where it cannot be removed.
    let _ = fs::remove_file(&response_file);
    let failed = |how: String, stderr: &[u8]| {
        let problem = Problem::failure(format!("cannot link `{}` again: {how}", kit.executable));
        let stderr = String::from_utf8_lossy(stderr);
        let lines: Vec<&str> = stderr
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let last = &lines[lines.len().saturating_sub(QUOTED_LINES)..];
        let quoted = last.iter().map(|line| format!("{}: {line}", link.linker));
        quoted.fold(problem, Problem::fact)
    };
    match finished? {
        None => Err(failed(format!("it took more than {} s", LIMIT.as_secs()), b"").into()),
        Some(finished) if finished.exit.is_success() => Ok(()),
        Some(finished) => Err(failed(
            format!("the linker ended badly ({})", finished.exit),
            &finished.stderr,
        )
        .into()),
    }
}

/// Links two executables side by side.
///
/// # Errors
/// As [`link`]; of two failures the first one is told.
pub(super) fn link_pair(links: [(&LinkKit, u64, &Utf8Path); 2]) -> Result<()> {
    thread::scope(|scope| {
        let workers = links.map(|(kit, seed, output)| scope.spawn(move || link(kit, seed, output)));
        let done = workers.map(|worker| worker.join().expect("linking does not panic"));
        done.into_iter().collect()
    })
}

fn read(kit: &LinkKit) -> Result<Link> {
    let path = kit.folder.join(linker::LINK_FILE);
    let stored = fs::read(&path).with_context(|| format!("cannot read `{path}`"))?;
    Link::decode(&stored).with_context(|| format!("cannot read `{path}`"))
}

fn refuse_changed_inputs(link: &Link) -> Result<()> {
    for then in &link.inputs {
        let now = linker::input(&then.path);
        if !now.is_ok_and(|now| now == *then) {
            return Err(Problem::failure(format!(
                "cannot link `{}` again: what it was linked from has changed",
                link.executable
            ))
            .fact(format!("changed or gone: `{}`", then.path))
            .hint("run it again: what has changed is built anew")
            .into());
        }
    }
    Ok(())
}

/// A seed as lld takes it: 32 bits, of which 0 means any order and all ones means the reverse order.
fn lld_seed(layout_seed: u64) -> u32 {
    let folded = (layout_seed ^ (layout_seed >> 32)) as u32;
    folded.clamp(1, u32::MAX - 1)
}

#[cfg(test)]
mod tests;
