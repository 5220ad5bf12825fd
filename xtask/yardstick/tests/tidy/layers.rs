//! Which module of the toolkit may use what.

use super::source::{SourceFile, layer, report, toolkit};

/// What a module may use of the crate's other modules.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("problem", &[]),
    ("analysis", &["model"]),
    ("render", &["model"]),
    ("parse", &["model", "problem"]),
    ("symbolize", &["model"]),
    ("store", &["model", "problem"]),
    ("config", &["model", "parse", "problem"]),
    ("host", &["model", "parse", "problem"]),
    ("cli", &["model"]),
];

/// What only the host does, with what to do instead.
const IO: &[(&str, &str)] = &[
    (
        "std::fs",
        "take bytes, return bytes, and let `host` move them",
    ),
    ("std::process::Command", "let `host` start programs"),
    ("std::net", "let `host` talk"),
    ("std::env::", "let `host` read the environment"),
    ("std::io::std", "let `host` read and print"),
    ("std::time::Instant", "let `host` measure time"),
    ("Instant::now", "let `host` measure time"),
    ("SystemTime", "let `host` tell the time"),
    ("Timestamp::now", "let `host` tell the time"),
    ("libc::", "let `host` make system calls"),
    ("nix::", "let `host` make system calls"),
    ("std::thread::sleep", "nothing waits by sleeping"),
];

/// Where anything is printed from.
const PRINTER: &str = "xtask/yardstick/src/host/output.rs";

#[test]
fn only_the_host_does_input_and_output() {
    let mut complaints = Vec::new();
    for file in toolkit() {
        if layer(&file) == "host" || file.is_test() {
            continue;
        }
        for (number, line) in file.code() {
            for (banned, instead) in IO {
                if uses(line, banned) {
                    complaints.push(format!("{}:{number}: `{banned}`: {instead}", file.path));
                }
            }
        }
    }
    report("only `host` does I/O", &complaints);
}

#[test]
fn modules_use_only_the_layers_below_them() {
    let mut complaints = Vec::new();
    for file in toolkit() {
        let own = layer(&file).to_owned();
        let Some((_, allowed)) = MAY_USE.iter().find(|(module, _)| *module == own) else {
            continue;
        };
        if file.is_test() {
            continue;
        }
        for (number, used) in crate_uses(&file) {
            if used != own && !allowed.contains(&used.as_str()) {
                complaints.push(format!(
                    "{}:{number}: `{own}` uses `crate::{used}`; it may use {allowed:?}",
                    file.path
                ));
            }
        }
    }
    report("data flows one way through the modules", &complaints);
}

#[test]
fn every_module_has_a_place_in_the_layers() {
    let known = |module: &str| {
        let tops = ["cmd", "lib", "main"];
        tops.contains(&module) || MAY_USE.iter().any(|(name, _)| *name == module)
    };
    let complaints: Vec<String> = toolkit()
        .iter()
        .filter(|file| !known(layer(file)))
        .map(|file| format!("{}: module `{}` has no rule", file.path, layer(file)))
        .collect();
    report("every module says what it may use", &complaints);
}

#[test]
fn nothing_below_the_command_line_knows_clap() {
    let mut complaints = Vec::new();
    for file in toolkit() {
        let top = file.path == "xtask/yardstick/src/cmd/mod.rs";
        if layer(&file) == "cli" || top || file.is_test() {
            continue;
        }
        for (number, line) in file.code() {
            if uses(line, "clap::") {
                complaints.push(format!(
                    "{}:{number}: `clap` belongs to `cli`; take a `Request`",
                    file.path
                ));
            }
        }
    }
    report(
        "what was typed and what is meant are two types",
        &complaints,
    );
}

#[test]
fn analysis_never_fails() {
    let mut complaints = Vec::new();
    for file in toolkit() {
        if layer(&file) != "analysis" || file.is_test() {
            continue;
        }
        for (number, line) in file.code() {
            if line.contains("Result<") || uses(line, "anyhow") || line.contains("panic!(") {
                complaints.push(format!(
                    "{}:{number}: `analysis` returns values that carry warnings, never a `Result`",
                    file.path
                ));
            }
        }
    }
    report("analysis never fails", &complaints);
}

#[test]
fn the_model_has_no_serialised_form() {
    let mut complaints = Vec::new();
    for file in toolkit() {
        // Wire types are stored and printed; parsers read other tools' formats.
        let wire = ["store", "parse", "config"].contains(&layer(&file))
            || file.path.ends_with("render/json.rs")
            || file.path.contains("/render/json/")
            || file.path.contains("/render/export/")
            || file.path.ends_with("render/report/data.rs");
        if wire || file.is_test() {
            continue;
        }
        for (number, line) in file.code() {
            // A name in quotes is a word about other programs.
            let code: String = line.split('"').step_by(2).collect();
            if uses(&code, "serde") || code.contains("Serialize") {
                complaints.push(format!(
                    "{}:{number}: wire types belong to `store`, `render::json` and `render::export`",
                    file.path
                ));
            }
        }
    }
    report("working types have no serde", &complaints);
}

#[test]
fn only_one_place_prints() {
    let mut complaints = Vec::new();
    for file in toolkit() {
        if file.path == PRINTER || file.is_test() {
            continue;
        }
        for (number, line) in file.code() {
            for banned in [
                "print!(",
                "println!(",
                "eprint!(",
                "eprintln!(",
                "io::stdout()",
                "io::stderr()",
            ] {
                // Asking what a stream is prints nothing.
                if line.contains(banned) && !line.contains("is_terminal()") {
                    complaints.push(format!(
                        "{}:{number}: `{banned}`: print through `host::output`",
                        file.path
                    ));
                }
            }
        }
    }
    report(
        "data goes to stdout and everything else to stderr, from one place",
        &complaints,
    );
}

/// Whether a line uses a path, and not a longer name that ends like it.
fn uses(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

/// The modules of the crate that a file names, with line numbers; `use crate::{a, b::C}` and
/// its lines included.
fn crate_uses(file: &SourceFile) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut depth = None;
    for (number, line) in file.code() {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            if rest.starts_with('{') {
                depth = Some(0_usize);
            } else {
                found.push((number, identifier(rest)));
            }
        }
        if let Some(open) = depth {
            let rest = match line.find("crate::{") {
                Some(at) => &line[at + "crate::".len()..],
                None => line,
            };
            let (modules, still_open) = top_level_names(rest, open);
            found.extend(modules.into_iter().map(|module| (number, module)));
            depth = (still_open > 0).then_some(still_open);
        }
    }
    found.retain(|(_, module)| module.chars().next().is_some_and(char::is_lowercase));
    found
}

/// The names at the first level of a brace list that opened `depth` levels before this line.
fn top_level_names(line: &str, mut depth: usize) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    let mut expects_name = depth == 1;
    for (at, character) in line.char_indices() {
        match character {
            '{' => {
                depth += 1;
                expects_name = depth == 1;
            }
            '}' => depth = depth.saturating_sub(1),
            ',' => expects_name = depth == 1,
            c if expects_name && (c.is_alphabetic() || c == '_') => {
                names.push(identifier(&line[at..]));
                expects_name = false;
            }
            _ => {}
        }
    }
    (names, depth)
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn modules_are_found_in_every_spelling_of_use() {
    let file = SourceFile {
        path: "xtask/yardstick/src/render/x.rs".to_owned(),
        text: "use crate::{\n    model::{a::A, b},\n    host::Host,\n};\nuse crate::cmd::run;\nfn f() { crate::store::g() }\nuse crate::{cli, parse::x};\n// crate::config\n#[cfg(test)]\nmod tests {\n    use crate::symbolize;\n}\n".to_owned(),
    };
    let modules: Vec<String> = crate_uses(&file).into_iter().map(|(_, m)| m).collect();
    assert_eq!(modules, ["model", "host", "cmd", "store", "cli", "parse"]);
}
