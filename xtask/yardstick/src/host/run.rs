//! Running bench executables.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use yardstick_probe::wire::environment;

use super::{
    BenchPlan, BenchRun, TemporaryFolder, process, real::TEMPORARY_PREFIX,
    trial::LONGEST_LIMIT_SECONDS,
};

/// Where the loader looks for shared libraries first.
pub(super) const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";

pub(super) fn bench(plan: &BenchPlan, watch: &mut dyn FnMut(&str)) -> Result<BenchRun> {
    let run = bench_with(plan, |command| process::run(command, watch).map(Some))?;
    run.context("a process without a limit was killed at it")
}

/// [`bench`] for what is killed after so many seconds; `None` then.
pub(super) fn bench_within(plan: &BenchPlan, limit_seconds: f64) -> Result<Option<BenchRun>> {
    let limit = Duration::from_secs_f64(limit_seconds.clamp(0.0, LONGEST_LIMIT_SECONDS));
    bench_with(plan, |command| process::run_within(command, limit))
}

fn bench_with(
    plan: &BenchPlan,
    run: impl FnOnce(&mut Command) -> Result<Option<process::Finished>>,
) -> Result<Option<BenchRun>> {
    let scratch = TemporaryFolder::new(&env::temp_dir(), TEMPORARY_PREFIX)?;
    let probe_folder = scratch.path().join("probe");
    let criterion_home = match &plan.criterion_home {
        Some(home) => home.clone().into_std_path_buf(),
        None => scratch.path().join("criterion"),
    };
    for folder in [&criterion_home, &probe_folder] {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
    }
    let mut command = command(plan);
    // Empty where nobody asks for another one, so that nothing is compared and the folders' numbering starts afresh; set,
    // so that Criterion does not ask cargo for the target folder.
    command.env("CRITERION_HOME", &criterion_home);
    if let Some(variables) = &plan.probe {
        command
            .envs(variables)
            .env(environment::DIRECTORY, &probe_folder);
    }
    let Some(finished) = run(&mut command)? else {
        return Ok(None);
    };
    Ok(Some(BenchRun {
        exit: finished.exit,
        stdout: String::from_utf8_lossy(&finished.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&finished.stderr).into_owned(),
        criterion_files: new_json(&criterion_home)?,
        probe_files: files_in(&probe_folder)?,
    }))
}

/// The command for a bench executable: arguments, working directory and environment, without Criterion's home and the probe's folder.
pub(super) fn command(plan: &BenchPlan) -> Command {
    let mut command = Command::new(&plan.executable);
    for (name, _) in env::vars_os() {
        // What the user's shell holds of these is meant for other runs.
        let name = name.to_string_lossy();
        if name.starts_with("YARDSTICK_") || name.starts_with("CARGO_CRITERION") {
            command.env_remove(name.as_ref());
        }
    }
    command
        .args(["--bench", "--noplot"])
        .args(&plan.arguments)
        .current_dir(&plan.package_root)
        .envs(&plan.environment);
    if let Some(path) = library_path(&plan.library_folders) {
        command.env(LIBRARY_PATH, path);
    }
    command
}

/// Where to look for shared libraries: in these folders, then where the user says. `None` where there are no such folders.
pub(super) fn library_path(folders: &[Utf8PathBuf]) -> Option<OsString> {
    if folders.is_empty() {
        return None;
    }
    let users = env::var_os(LIBRARY_PATH).unwrap_or_default();
    let folders = folders.iter().map(PathBuf::from);
    // A folder whose name cannot be in such a list cannot be searched either.
    env::join_paths(folders.chain(env::split_paths(&users))).ok()
}

/// Everything that Criterion wrote about this run; it also links the files to `base`.
pub(super) fn new_json(home: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    collect_new_json(home, home, &mut files)?;
    Ok(files)
}

fn collect_new_json(
    home: &Path,
    folder: &Path,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            collect_new_json(home, &path, files)?;
        } else if folder.ends_with("new")
            && path
                .extension()
                .is_some_and(|extension| extension == "json")
            && let Some(name) = path.strip_prefix(home).ok().and_then(Path::to_str)
        {
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            files.insert(name.to_owned(), bytes);
        }
    }
    Ok(())
}

pub(super) fn files_in(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?
    {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            files.insert(name.to_owned(), bytes);
        }
    }
    Ok(files)
}
