//! A repository with a workspace of one suite, and `compare` run in it.

use std::{
    fs,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long anything here may take before the test fails.
const LIMIT: Duration = Duration::from_secs(120);

/// The times of the suite are invented, so that it does not matter who else has the machine, nor how long it takes.
const WHATEVER_THE_MACHINE: [&str; 4] = ["--tolerate", "100", "--budget", "30m"];

const MANIFEST: &str = "[package]\nname = \"measured\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[workspace]\n\n[[bench]]\nname = \"suite\"\nharness = false\n";
const SUITE: &str = include_str!("suite.rs");

pub struct Repository(tempfile::TempDir);

impl Repository {
    /// A commit in which nothing fails.
    pub fn new() -> Self {
        let repository = Self(tempfile::tempdir().expect("a folder"));
        fs::create_dir_all(repository.0.path().join("work")).expect("writable");
        repository.write("Cargo.toml", MANIFEST);
        repository.write("src/lib.rs", "");
        repository.write("benches/suite.rs", SUITE);
        repository.write(".gitignore", "/target\n/profiles\nCargo.lock\n");
        repository.git(&["init", "--quiet"]);
        repository.commit("Measure");
        repository
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join("work").join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    /// Adds a suite in which nothing else is than this.
    pub fn add_suite(&self, name: &str, source: &str) {
        let target = format!("[[bench]]\nname = \"{name}\"\nharness = false\n");
        self.write("Cargo.toml", &format!("{MANIFEST}\n{target}"));
        self.write(&format!("benches/{name}.rs"), source);
    }

    /// Makes a benchmark slower, and another one fail in this way.
    pub fn change(&self, fault: &str) {
        let suite = SUITE
            .replace("CHANGED: bool = false", "CHANGED: bool = true")
            .replace("fn() = crash", &format!("fn() = {fault}"));
        self.write("benches/suite.rs", &suite);
    }

    pub fn commit_change(&self, fault: &str) {
        self.change(fault);
        self.commit("Change");
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        let who = ["-c", "user.name=A", "-c", "user.email=a@b.c"];
        self.git(&[&who[..], &["commit", "--quiet", "--message", message]].concat());
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git")
            .args(arguments)
            .current_dir(self.0.path().join("work"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .status()
            .expect("git starts");
        assert!(status.success(), "git {arguments:?}");
    }

    pub fn compare(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output();
        output.expect("the program starts").into()
    }

    /// Compares, stops as soon as so many rounds are kept until `meanwhile` is done, and gets Ctrl-C then.
    pub fn interrupt_after_rounds(
        &self,
        rounds: usize,
        arguments: &[&str],
        meanwhile: impl FnOnce(),
    ) -> Ended {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        let start = Instant::now();
        while self.rounds() < rounds {
            assert!(start.elapsed() < LIMIT, "no rounds were kept");
            thread::sleep(Duration::from_millis(5));
        }
        let send = |signal: &str| {
            let arguments = [signal, &child.id().to_string()];
            let status = Command::new("kill").args(arguments).status();
            assert!(status.expect("kill starts").success());
        };
        send("-STOP");
        meanwhile();
        send("-INT");
        send("-CONT");
        child.wait_with_output().expect("it ends").into()
    }

    /// How many rounds the first run of the two last commits has kept.
    pub fn rounds(&self) -> usize {
        let comparisons = self.0.path().join("work/profiles/comparisons");
        let sides = fs::read_dir(comparisons).into_iter().flatten().flatten();
        let journals = sides.map(|sides| sides.path().join("1/rounds.jsonl"));
        let texts = journals.filter_map(|journal| fs::read_to_string(journal).ok());
        texts.map(|text| text.lines().count()).sum()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let goes_on = |argument: &&str| ["--more", "--replay"].contains(argument);
        let added = match arguments.iter().any(goes_on) {
            true => &[][..],
            false => &WHATEVER_THE_MACHINE,
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-yardstick"));
        command
            .args(["yardstick", "compare"])
            .args(arguments)
            .args(added)
            .current_dir(self.0.path().join("work"))
            .env("XDG_CACHE_HOME", self.0.path().join("cache"))
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CRITERION_HOME")
            .env_remove("RUSTFLAGS");
        command
    }
}

#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}
