//! The compiler flags that cargo would use.
//!
//! Whoever adds a flag must not drop the user's, and cargo takes flags from one place only. The
//! first of these that says anything: `CARGO_ENCODED_RUSTFLAGS`, `RUSTFLAGS`, all matching `target.*.rustflags`, `build.rustflags`.

use std::{collections::BTreeMap, str::FromStr};

use anyhow::{Context, Result};
use cargo_metadata::cargo_platform::{Cfg, CfgExpr};
use toml::{Table, Value};

/// What decides the flags.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The environment variables that hold flags.
    pub environment: &'a BTreeMap<String, String>,
    /// The texts of cargo's configuration files, the nearest first.
    pub config_files: &'a [&'a str],
    /// The output of `rustc -vV`.
    pub rustc: &'a str,
    /// The output of `rustc --print cfg`.
    pub cfg: &'a str,
}

/// The flags in force.
///
/// # Errors
/// If a configuration file is not TOML.
pub fn rustflags(sources: Sources<'_>) -> Result<Vec<String>> {
    let variable = |name: &str| {
        sources
            .environment
            .get(name)
            .filter(|text| !text.is_empty())
    };
    if let Some(encoded) = variable("CARGO_ENCODED_RUSTFLAGS") {
        return Ok(encoded.split('\u{1f}').map(str::to_owned).collect());
    }
    if let Some(flags) = variable("RUSTFLAGS") {
        return Ok(words(flags));
    }
    let mut configs = Vec::new();
    for text in sources.config_files {
        configs.push(
            text.parse::<Table>()
                .context("a configuration file of cargo is not TOML")?,
        );
    }
    // Cargo joins lists, those of nearer files last.
    configs.reverse();
    let host = host_triple(sources.rustc).unwrap_or_default();
    let mut for_target = target_flags(&configs, host, sources.cfg);
    let name = format!(
        "CARGO_TARGET_{}_RUSTFLAGS",
        host.to_uppercase().replace(['-', '.'], "_")
    );
    for_target.extend(variable(&name).into_iter().flat_map(|flags| words(flags)));
    if !for_target.is_empty() {
        return Ok(for_target);
    }
    let mut for_build: Vec<String> = configs
        .iter()
        .filter_map(|config| config.get("build")?.get("rustflags"))
        .flat_map(flags_of)
        .collect();
    for_build.extend(
        variable("CARGO_BUILD_RUSTFLAGS")
            .into_iter()
            .flat_map(|flags| words(flags)),
    );
    Ok(for_build)
}

/// The target that rustc compiles for by default.
pub fn host_triple(rustc: &str) -> Option<&str> {
    rustc
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::trim)
}

fn target_flags(configs: &[Table], host: &str, cfg: &str) -> Vec<String> {
    let cfg: Vec<Cfg> = cfg
        .lines()
        .filter_map(|line| Cfg::from_str(line).ok())
        .collect();
    // The triple's own flags go first, as in cargo.
    let of = |matches: &dyn Fn(&str) -> bool| -> Vec<String> {
        configs
            .iter()
            .filter_map(|config| config.get("target")?.as_table())
            .flatten()
            .filter(|(key, _)| matches(key))
            .filter_map(|(_, table)| table.get("rustflags"))
            .flat_map(flags_of)
            .collect()
    };
    let mut flags = of(&|key| key == host);
    flags.extend(of(&|key| condition_holds(key, &cfg)));
    flags
}

/// How deep the condition of a table may nest. The reader of conditions calls itself for each level, and nobody writes more.
const DEEPEST_CONDITION: usize = 64;

/// Whether the key of a table, `cfg(…)`, is a condition that holds.
pub(super) fn condition_holds(key: &str, cfg: &[Cfg]) -> bool {
    let condition = key
        .strip_prefix("cfg(")
        .and_then(|rest| rest.strip_suffix(')'))
        .filter(|condition| condition.matches('(').count() <= DEEPEST_CONDITION);
    condition
        .and_then(|condition| CfgExpr::from_str(condition).ok())
        .is_some_and(|condition| condition.matches(cfg))
}

/// Cargo takes a list, or one text of words.
fn flags_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => words(text),
        Value::Array(list) => list
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ')
        .filter(|word| !word.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSTC: &str = "rustc 1.95.0\nhost: x86_64-unknown-linux-gnu\n";
    const CFG: &str = "unix\ntarget_os=\"linux\"\ntarget_arch=\"x86_64\"\n";

    fn flags(environment: &[(&str, &str)], config_files: &[&str]) -> Vec<String> {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        rustflags(Sources {
            environment: &environment,
            config_files,
            rustc: RUSTC,
            cfg: CFG,
        })
        .expect("TOML")
    }

    const BUILD: &str = "[build]\nrustflags = ['-Ca', '-Cb']";

    #[test]
    fn a_condition_that_nests_without_end_holds_nowhere_and_overflows_no_stack() {
        let deep = format!("cfg({}unix{})", "not(".repeat(100_000), ")".repeat(100_000));
        let config = format!("[target.'{deep}']\nrustflags = [\"-g\"]\nlinker = \"ld\"\n");
        assert_eq!(flags(&[], &[&config]), [""; 0]);
        let double = "[target.'cfg(not(not(unix)))']\nrustflags = [\"-g\"]\n";
        assert_eq!(flags(&[], &[double]), ["-g"]);
    }

    #[test]
    fn the_environment_replaces_the_configuration() {
        assert_eq!(flags(&[], &[BUILD]), ["-Ca", "-Cb"]);
        assert_eq!(
            flags(&[("RUSTFLAGS", "-Cx  -Cy")], &[BUILD]),
            ["-Cx", "-Cy"]
        );
        let both = [
            ("RUSTFLAGS", "-Cx"),
            ("CARGO_ENCODED_RUSTFLAGS", "--cfg\u{1f}a b"),
        ];
        assert_eq!(flags(&both, &[BUILD]), ["--cfg", "a b"]);
        assert_eq!(flags(&[("RUSTFLAGS", "")], &[BUILD]), ["-Ca", "-Cb"]);
    }

    #[test]
    fn flags_of_the_target_replace_those_of_the_build() {
        let linux = "[target.'cfg(target_os = \"linux\")']\nrustflags = '-Clinux'\n[target.'cfg(windows)']\nrustflags = '-Cwin'";
        let triple = "[target.x86_64-unknown-linux-gnu]\nrustflags = ['-Ctriple']";
        assert_eq!(flags(&[], &[BUILD, linux, triple]), ["-Ctriple", "-Clinux"]);
        let windows = "[target.'cfg(windows)']\nrustflags = '-Cwin'";
        assert_eq!(flags(&[], &[BUILD, windows]), ["-Ca", "-Cb"]);
        let variable = ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", "-Cvar");
        assert_eq!(flags(&[variable], &[BUILD]), ["-Cvar"]);
    }

    #[test]
    fn lists_of_nearer_files_go_last() {
        let (near, far) = (
            "[build]\nrustflags = ['-Cnear']",
            "[build]\nrustflags = ['-Cfar']",
        );
        assert_eq!(flags(&[], &[near, far]), ["-Cfar", "-Cnear"]);
    }
}
