//! A repository with a small workspace: its suites need no other crate, so that they are built in a moment.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use camino::Utf8PathBuf;
use yardstick::{
    Invocation,
    cmd::{
        Context,
        compare::sides::{Prepared, SidesRequest, prepare},
        selection::Selection,
    },
    host::RealHost,
    model::comparison::Sides,
};

/// A repository and the workspace in it.
pub(crate) struct Checkout {
    top: PathBuf,
    workspace: PathBuf,
    cache: PathBuf,
}

impl Checkout {
    /// A repository whose top is the workspace.
    pub(crate) fn new(name: &str) -> Self {
        Self::below(name, "")
    }

    /// A repository with the workspace in a folder of it.
    pub(crate) fn below(name: &str, folder: &str) -> Self {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("sides")
            .join(name);
        // What an earlier run left is not there to be trusted.
        let _ = fs::remove_dir_all(&all);
        let top = all.join("repository");
        let checkout = Self {
            workspace: top.join(folder),
            cache: all.join("yardstick"),
            top,
        };
        checkout.write("Cargo.toml", MANIFEST);
        checkout.write("Cargo.lock", LOCK_FILE);
        checkout.write(".gitignore", "target\n");
        checkout.write("benches/speed.rs", SUITE);
        checkout.write("benches/other.rs", SUITE);
        checkout.git("init --quiet --initial-branch=trunk");
        checkout.git("config user.name n");
        checkout.git("config user.email e");
        checkout
    }

    pub(crate) fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.workspace.join(name)).expect("UTF-8")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    pub(crate) fn program(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.write(name, &format!("#!/bin/sh\n{script}\n"));
        let permissions = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.path(name), permissions).expect("it is ours");
    }

    /// What the suites print.
    pub(crate) fn answer_with(&self, answer: u64) {
        let text = format!("#[inline(never)]\npub fn answer() -> u64 {{ {answer} }}\n");
        self.write("src/lib.rs", &text);
    }

    pub(crate) fn git(&self, arguments: &str) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.top)
            .args(arguments.split(' '))
            .output()
            .expect("git starts");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments}: {complaint}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git("add --all");
        self.git(&format!("commit --quiet --message {message}"));
    }

    /// All that a user sees of the repository, work trees of others excepted.
    pub(crate) fn state(&self) -> String {
        [
            self.git("status --porcelain"),
            self.git("ls-files --stage"),
            self.git("for-each-ref"),
            self.git("rev-parse HEAD"),
            self.git("symbolic-ref HEAD"),
            self.git("stash list"),
        ]
        .concat()
    }

    /// Saves a capture of a suite, as a user does.
    pub(crate) fn save(&self, name: &str, suite: &str) {
        self.yardstick(&["bench", suite, "--quick", "--save", name]);
    }

    /// Types a command that is expected to succeed.
    pub(crate) fn yardstick(&self, arguments: &[&str]) {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-yardstick"))
            .arg("yardstick")
            .args(arguments)
            .current_dir(&self.workspace)
            .env("XDG_CACHE_HOME", self.cache.parent().expect("a parent"))
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR")
            .env_remove("CRITERION_HOME")
            .output()
            .expect("it starts");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
    }

    /// Removes what is below the cache.
    pub(crate) fn forget(&self, what: &str) {
        fs::remove_dir_all(self.cache.join(what)).expect("it is there");
    }

    pub(crate) fn host(&self) -> RealHost {
        let cache = Utf8PathBuf::from_path_buf(self.cache.clone()).expect("UTF-8");
        RealHost::new(anstream::ColorChoice::Never)
            .expect("signals can be waited for")
            .entered_through(env!("CARGO_BIN_EXE_cargo-yardstick").into())
            .caching_in(cache)
    }

    pub(crate) fn with_context<T>(&self, act: impl FnOnce(&Context<'_>) -> T) -> T {
        let host = self.host();
        act(&Context {
            host: &host,
            invocation: Invocation::CargoSubcommand,
            manifest_path: Some(self.path("Cargo.toml")),
            store: None,
            typed: Vec::new(),
        })
    }

    pub(crate) fn prepare(&self, before: &str, after: &str) -> Result<Sides<Prepared>> {
        let request = SidesRequest {
            names: Sides {
                before: before.to_owned(),
                after: after.to_owned(),
            },
            filter: None,
            selection: Selection::default(),
            limit_seconds: 60.0,
        };
        self.with_context(|context| prepare(context, &request))
    }
}

const LOCK_FILE: &str = r#"# This file is automatically @generated by Cargo.
# It is not intended for manual editing.
version = 4

[[package]]
name = "app"
version = "0.1.0"
"#;

const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2021"

[workspace]

[profile.bench]
debug = true

[lib]
bench = false

[[bench]]
name = "other"
harness = false

[[bench]]
name = "speed"
harness = false
"#;

/// It answers as Criterion does when it is asked for its benchmarks, and leaves what Criterion leaves.
const SUITE: &str = r##"use std::{env, fs, path::Path};

fn main() {
    if env::args().any(|argument| argument == "--list") {
        println!("group/one: benchmark");
        return;
    }
    println!("{}", app::answer());
    let Ok(home) = env::var("CRITERION_HOME") else {
        return;
    };
    let folder = Path::new(&home).join("group/one/new");
    fs::create_dir_all(&folder).unwrap();
    let estimate = r#"{"confidence_interval":{"confidence_level":0.95,"lower_bound":9.0,"upper_bound":11.0},"point_estimate":10.0,"standard_error":0.5}"#;
    let estimates = ["mean", "median", "median_abs_dev", "std_dev"].map(|name| format!("\"{name}\":{estimate}"));
    let files = [
        ("benchmark.json", r#"{"group_id":"group","full_id":"group/one","directory_name":"group/one","title":"group/one"}"#.to_owned()),
        ("sample.json", r#"{"sampling_mode":"Flat","iters":[1.0,1.0],"times":[10.0,10.0]}"#.to_owned()),
        ("estimates.json", format!("{{{},\"slope\":null}}", estimates.join(","))),
    ];
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}
"##;
