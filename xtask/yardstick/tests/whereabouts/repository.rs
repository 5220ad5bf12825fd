//! A repository with a workspace of one suite whose work is real, and `compare` run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use camino::Utf8PathBuf;
use yardstick::{
    analysis::difference::differ,
    model::{comparison::ProfileOutcome, difference, layers::Layers},
    store::whereabouts,
};

/// How long anything here may take before the test fails.
const LIMIT: Duration = Duration::from_secs(300);

/// The times are invented, so that no load on the machine changes a verdict.
const WHATEVER_THE_MACHINE: [&str; 4] = ["--tolerate", "100", "--budget", "30m"];

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\nmembers = [\"probe\"]\n\n[lib]\nbench = false\n\n[dev-dependencies]\nyardstick-probe = { path = \"probe\" }\n\n[[bench]]\nname = \"suite\"\nharness = false\n";
const PROBE_MANIFEST: &str = "[package]\nname = \"yardstick-probe\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[lib]\nbench = false\n\n[dependencies]\nlibc = \"0.2\"\n";
const APP: &str = include_str!("app.rs");
const SUITE: &str = include_str!("suite.rs");
const PROBE: &str = include_str!("probe.rs");

pub struct Repository(tempfile::TempDir);

impl Repository {
    /// A commit before the change.
    pub fn new() -> Self {
        let repository = Self(tempfile::tempdir().expect("a folder"));
        let toolkit = Path::new(env!("CARGO_MANIFEST_DIR"));
        let probe = toolkit.with_file_name("probe").join("src");
        let lock =
            fs::read_to_string(toolkit.join("../../Cargo.lock")).expect("we have a lock file");
        repository.write("Cargo.toml", MANIFEST);
        repository.write("Cargo.lock", &lock);
        repository.write("src/lib.rs", APP);
        repository.write("benches/suite.rs", SUITE);
        repository.write("probe/Cargo.toml", PROBE_MANIFEST);
        let probe = PROBE.replace("PATH_OF_THE_PROBE", &probe.display().to_string());
        repository.write("probe/src/lib.rs", &probe);
        repository.write(".gitignore", "/target\n/profiles\n");
        repository.git(&["init", "--quiet"]);
        repository.commit("Measure");
        repository
    }

    /// A commit in which one function does a fifth more.
    pub fn change(&self) {
        self.write(
            "src/lib.rs",
            &APP.replace("PERCENT: u64 = 100", "PERCENT: u64 = 120"),
        );
        self.write(
            "benches/suite.rs",
            &SUITE.replace("CHANGED: bool = false", "CHANGED: bool = true"),
        );
        self.commit("Change");
    }

    pub fn compare(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output();
        output.expect("the program starts").into()
    }

    /// Compares, and presses Ctrl-C as soon as so many pairs of recordings are kept.
    pub fn interrupt_after_pairs(&self, pairs: usize, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        let start = Instant::now();
        while self.pairs() < pairs {
            assert!(start.elapsed() < LIMIT, "no recordings were kept");
            thread::sleep(Duration::from_millis(5));
        }
        let pid = child.id().to_string();
        let status = Command::new("kill").args(["-INT", &pid]).status();
        assert!(status.expect("kill starts").success());
        child.wait_with_output().expect("it ends").into()
    }

    /// How many pairs of recordings are kept.
    pub fn pairs(&self) -> usize {
        let kept = |side: &str| {
            let folder = self.recordings();
            let entries = folder.iter().flat_map(fs::read_dir).flatten().flatten();
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            names
                .filter(|name| name.starts_with(side) && name.ends_with(".stacks"))
                .count()
        };
        kept("before-").min(kept("after-"))
    }

    /// The functions that differ beyond chance, with how much of the time their difference is, by what is stored.
    pub fn beyond_chance(&self) -> Vec<(String, f64)> {
        let folder = self.recordings().expect("something was recorded");
        let shown = Utf8PathBuf::from_path_buf(folder.clone()).expect("UTF-8");
        let entries = fs::read_dir(&folder).expect("readable").flatten();
        let file = |path: PathBuf| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(path).expect("readable"))
        };
        let files = entries.map(|entry| file(entry.path())).collect();
        let stored = whereabouts::decode(shown.as_str(), &files).expect("it is whole");
        let recorded = difference::Recorded {
            key: stored.key,
            profiles: stored.profiles,
            end_to_end_ns: None,
        };
        let found = match differ(&recorded, &Layers::default()) {
            ProfileOutcome::Compared(found) => found,
            other => panic!("{other:?}"),
        };
        let beyond = found
            .functions
            .iter()
            .filter(|row| row.own.is_significant());
        let share = |delta: f64| delta / found.cpu.ns.before;
        beyond
            .map(|row| (row.function.clone(), share(row.own.difference_ns())))
            .collect()
    }

    /// Changes a byte of a file of the recordings.
    pub fn damage(&self, name: &str) {
        let path = self
            .recordings()
            .expect("something was recorded")
            .join(name);
        let mut bytes = fs::read(&path).expect("it is there");
        bytes[0] ^= 1;
        fs::write(path, bytes).expect("writable");
    }

    /// Whether a process is left that runs in a checkout of this repository.
    pub fn is_running(&self) -> bool {
        let processes = fs::read_dir("/proc").expect("readable").flatten();
        let folders = processes.filter_map(|entry| fs::read_link(entry.path().join("cwd")).ok());
        folders
            .into_iter()
            .any(|folder| folder.starts_with(self.0.path()))
    }

    /// The folder with the recordings of the first benchmark of the first run of any sides.
    fn recordings(&self) -> Option<PathBuf> {
        let comparisons = self.0.path().join("work/profiles/comparisons");
        let sides = fs::read_dir(comparisons).ok()?.flatten().next()?;
        let all = fs::read_dir(sides.path().join("1/where")).ok()?.flatten();
        let is_whole = |path: &PathBuf| path.join("recordings.json").is_file();
        let mut folders = all.map(|entry| entry.path());
        folders.find(is_whole)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join("work").join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    fn commit(&self, message: &str) {
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
            // What our own tests need is in cargo's cache, and that is all it needs.
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR")
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

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}
