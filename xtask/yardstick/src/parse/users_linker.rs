//! The linker that cargo would use.

use std::str::FromStr;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::cargo_platform::Cfg;
use toml::Table;

use super::flags::condition_holds;

/// What links where nobody says anything else.
const USUAL: &str = "cc";

/// What decides the linker.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The flags for the compiler.
    pub rustflags: &'a [String],
    /// The variable `CARGO_TARGET_<TRIPLE>_LINKER`.
    pub variable: Option<&'a str>,
    /// Cargo's configuration files, the nearest first: path and text.
    pub config_files: &'a [(Utf8PathBuf, String)],
    /// The target.
    pub host: &'a str,
    /// The output of `rustc --print cfg`.
    pub cfg: &'a str,
}

/// The name of the variable for a target.
pub fn variable(host: &str) -> String {
    let triple = host.to_uppercase().replace(['-', '.'], "_");
    format!("CARGO_TARGET_{triple}_LINKER")
}

/// The linker: a path, or a name to look for in `PATH`.
///
/// # Errors
/// If a configuration file is not TOML.
pub fn linker(sources: Sources<'_>) -> Result<String> {
    if let Some(linker) = in_flags(sources.rustflags) {
        return Ok(linker);
    }
    if let Some(linker) = sources.variable.filter(|linker| !linker.is_empty()) {
        return Ok(linker.to_owned());
    }
    let cfg: Vec<Cfg> = sources
        .cfg
        .lines()
        .filter_map(|line| Cfg::from_str(line).ok())
        .collect();
    let by_triple = |key: &str| key == sources.host;
    let by_cfg = |key: &str| condition_holds(key, &cfg);
    // The triple's own table wins over those with conditions.
    Ok(match in_files(sources.config_files, &by_triple)? {
        Some(linker) => linker,
        None => in_files(sources.config_files, &by_cfg)?.unwrap_or_else(|| USUAL.to_owned()),
    })
}

/// The last one counts. It is written as one word or as two.
fn in_flags(flags: &[String]) -> Option<String> {
    let mut linker = None;
    let mut words = flags.iter().peekable();
    while let Some(flag) = words.next() {
        let option = match flag.as_str() {
            "-C" | "--codegen" => words.peek().map(|next| next.as_str()),
            other => other
                .strip_prefix("-C")
                .or_else(|| other.strip_prefix("--codegen=")),
        };
        if let Some(path) = option.and_then(|option| option.strip_prefix("linker=")) {
            linker = Some(path.to_owned());
        }
    }
    linker
}

fn in_files(
    files: &[(Utf8PathBuf, String)],
    is_meant: &dyn Fn(&str) -> bool,
) -> Result<Option<String>> {
    for (path, text) in files {
        let config: Table = text
            .parse()
            .with_context(|| format!("`{path}` is not TOML"))?;
        let targets = config.get("target").and_then(toml::Value::as_table);
        let linker = targets
            .into_iter()
            .flatten()
            .filter(|(key, _)| is_meant(key))
            .find_map(|(_, table)| table.get("linker")?.as_str());
        if let Some(linker) = linker {
            return Ok(Some(below(path, linker)));
        }
    }
    Ok(None)
}

/// A path with a separator is relative to the folder that holds `.cargo`; a name is not.
fn below(config_file: &Utf8Path, linker: &str) -> String {
    let folder = config_file.parent().and_then(Utf8Path::parent);
    match folder {
        Some(folder) if linker.contains('/') => folder.join(linker).into_string(),
        _ => linker.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rustflags: &[&str], variable: Option<&str>, files: &[(&str, &str)]) -> String {
        let rustflags: Vec<String> = rustflags.iter().map(|flag| (*flag).to_owned()).collect();
        let config_files: Vec<(Utf8PathBuf, String)> = files
            .iter()
            .map(|(path, text)| ((*path).into(), (*text).to_owned()))
            .collect();
        linker(Sources {
            rustflags: &rustflags,
            variable,
            config_files: &config_files,
            host: "x86_64-unknown-linux-gnu",
            cfg: "unix\ntarget_os=\"linux\"\n",
        })
        .expect("valid TOML")
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_configuration() {
        let file = (
            "/w/.cargo/config.toml",
            "[target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\n",
        );
        let flags = ["-Clinker=one", "-C", "linker=two"];
        assert_eq!(found(&flags, Some("gcc"), &[file]), "two");
        assert_eq!(found(&[], Some("gcc"), &[file]), "gcc");
        assert_eq!(found(&[], None, &[file]), "clang");
        assert_eq!(found(&["-Clink-arg=-s"], None, &[]), "cc");
    }

    #[test]
    fn the_nearest_file_wins_and_its_paths_are_relative_to_its_place() {
        let near = (
            "/w/p/.cargo/config.toml",
            "[target.'cfg(unix)']\nlinker = \"tools/link.sh\"\n",
        );
        let far = (
            "/w/.cargo/config.toml",
            "[target.'cfg(unix)']\nlinker = \"far\"\n",
        );
        let other = (
            "/.cargo/config.toml",
            "[target.'cfg(windows)']\nlinker = \"link\"\n",
        );
        assert_eq!(found(&[], None, &[near, far]), "/w/p/tools/link.sh");
        assert_eq!(found(&[], None, &[other, far]), "far");
    }

    #[test]
    fn the_variable_is_named_after_the_target() {
        assert_eq!(
            variable("x86_64-unknown-linux-gnu"),
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"
        );
    }
}
