//! Stored links, response files, and what decides the flags of the compiler and the linker.

use std::collections::BTreeMap;

use yardstick::parse::{
    flags,
    link::{Link, output, paths_in, response_file, to_response_file},
    users_linker,
};

use crate::{Outcome, folder};

/// A stored link, or else a response file: what is read can be written, and is read as the same again.
pub(crate) fn links(bytes: &[u8]) -> Outcome {
    if let Ok(link) = Link::decode(bytes) {
        let again = Link::decode(&link.encode()).expect("what was written can be read");
        assert_eq!(again, link, "a link is not what was written");
        if output(&link.arguments).is_some() {
            let arguments = link.arguments_for(&link.executable);
            assert_eq!(output(&arguments), Some(link.executable.as_path()));
        }
    }
    let arguments = response_file(&String::from_utf8_lossy(bytes));
    for argument in &arguments {
        assert!(paths_in(argument).all(|path| argument.contains(path.as_str())));
    }
    let again = response_file(&to_response_file(&arguments));
    assert_eq!(again, arguments, "a response file is not what was written");
    Outcome::Read
}

/// Cargo's configuration files, `rustc`'s answers and the environment.
pub(crate) fn flags(bytes: &[u8]) -> Outcome {
    let texts = folder::texts(bytes);
    let text = |name: &str| texts.get(name).map(String::as_str).unwrap_or_default();
    let environment: BTreeMap<String, String> = text("environment")
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let configs = [text("near/config.toml"), text("far/config.toml")];
    let rustflags = flags::rustflags(flags::Sources {
        environment: &environment,
        config_files: &configs,
        rustc: text("rustc"),
        cfg: text("cfg"),
    });
    let host = flags::host_triple(text("rustc")).unwrap_or_default();
    let files = configs.map(|text| ("/w/.cargo/config.toml".into(), text.to_owned()));
    let linker = users_linker::linker(users_linker::Sources {
        rustflags: &rustflags.unwrap_or_default(),
        variable: environment
            .get(&users_linker::variable(host))
            .map(String::as_str),
        config_files: &files,
        host,
        cfg: text("cfg"),
    });
    Outcome::of(&linker)
}
