//! What the machine and the toolchain say about themselves.

use std::{collections::BTreeMap, env, fs, process::Command};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::process;

/// What the kernel says about the machine.
#[derive(Clone, Debug, Default)]
pub struct MachineFacts {
    /// The architecture, as Rust names it.
    pub architecture: String,
    /// The operating system, as Rust names it.
    pub operating_system: String,
    /// The files in which the kernel describes the machine, by absolute path; what is not there is left out.
    pub files: BTreeMap<String, String>,
}

/// What decides the compiler and its flags.
#[derive(Clone, Debug, Default)]
pub struct ToolchainFacts {
    /// The output of `rustc -vV`.
    pub rustc: String,
    /// The output of `rustc --print cfg`.
    pub cfg: String,
    /// Cargo's configuration files, the nearest first: path and text.
    pub config_files: Vec<(Utf8PathBuf, String)>,
    /// The environment variables that hold compiler flags.
    pub environment: BTreeMap<String, String>,
}

const MACHINE_FILES: [&str; 9] = [
    "/proc/cpuinfo",
    "/proc/loadavg",
    "/proc/sys/kernel/osrelease",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
    "/sys/devices/system/cpu/cpufreq/boost",
    "/sys/devices/system/cpu/intel_pstate/no_turbo",
    "/sys/devices/virtual/dmi/id/product_name",
    "/sys/devices/virtual/dmi/id/sys_vendor",
    "/sys/hypervisor/type",
];

const POWER_SUPPLIES: &str = "/sys/class/power_supply";

pub(super) fn machine() -> MachineFacts {
    let mut files = BTreeMap::new();
    let mut add = |path: String| {
        if let Ok(text) = fs::read_to_string(&path) {
            files.insert(path, text);
        }
    };
    MACHINE_FILES
        .iter()
        .for_each(|path| add((*path).to_owned()));
    let supplies = fs::read_dir(POWER_SUPPLIES).into_iter().flatten().flatten();
    for supply in supplies.filter_map(|entry| entry.file_name().into_string().ok()) {
        for file in ["type", "online", "status"] {
            add(format!("{POWER_SUPPLIES}/{supply}/{file}"));
        }
    }
    MachineFacts {
        architecture: env::consts::ARCH.to_owned(),
        operating_system: env::consts::OS.to_owned(),
        files,
    }
}

pub(super) fn toolchain(folder: &Utf8Path) -> Result<ToolchainFacts> {
    let rustc = |arguments: &[&str]| {
        let program = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        process::text_of(Command::new(program).args(arguments).current_dir(folder))
    };
    Ok(ToolchainFacts {
        rustc: rustc(&["-vV"])?,
        cfg: rustc(&["--print", "cfg"])?,
        config_files: config_files(folder),
        environment: env::vars()
            .filter(|(name, _)| name.starts_with("CARGO_") || name == "RUSTFLAGS")
            .filter(|(name, _)| name.ends_with("RUSTFLAGS"))
            .collect(),
    })
}

/// Cargo reads one file in `.cargo` of every folder upwards, then the one in its home.
fn config_files(folder: &Utf8Path) -> Vec<(Utf8PathBuf, String)> {
    let home = env::var("CARGO_HOME")
        .map(Utf8PathBuf::from)
        .or_else(|_| env::var("HOME").map(|home| Utf8PathBuf::from(home).join(".cargo")));
    let mut folders: Vec<Utf8PathBuf> = folder
        .ancestors()
        .map(|folder| folder.join(".cargo"))
        .collect();
    if let Ok(home) = home
        && !folders.contains(&home)
    {
        folders.push(home);
    }
    folders
        .iter()
        .filter_map(|folder| {
            // Where both exist, cargo takes the one without the extension.
            ["config", "config.toml"].iter().find_map(|name| {
                let path = folder.join(name);
                fs::read_to_string(&path).ok().map(|text| (path, text))
            })
        })
        .collect()
}
