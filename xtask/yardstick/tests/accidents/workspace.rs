//! A workspace of one package with one suite, and the program run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

const MANIFEST: &str = "[package]\nname = \"measured\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[workspace]\n\n[[bench]]\nname = \"suite\"\nharness = false\n";

/// How long anything here may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Workspace(tempfile::TempDir);

impl Workspace {
    pub fn new() -> Self {
        let workspace = Self(tempfile::tempdir().expect("a folder"));
        workspace.write("Cargo.toml", MANIFEST);
        workspace.write("src/lib.rs", "");
        workspace.write("benches/suite.rs", include_str!("suite.rs"));
        fs::create_dir(workspace.temporaries()).expect("writable");
        workspace
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Where the program and its children put temporary files.
    fn temporaries(&self) -> PathBuf {
        self.path("temporary")
    }

    pub fn litter(&self) -> Vec<PathBuf> {
        let folders = [self.temporaries(), self.path("profiles")];
        let entries = folders
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flatten();
        let paths = entries.map(|entry| entry.expect("readable").path());
        let is_ours = |path: &PathBuf| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            name.contains("yardstick-")
        };
        paths.filter(is_ours).collect()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-yardstick"));
        command
            .arg("yardstick")
            .args(arguments)
            .current_dir(self.0.path())
            .env("TMPDIR", self.temporaries())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CRITERION_HOME")
            .env_remove("RUSTFLAGS");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments)
            .output()
            .expect("the program starts")
            .into()
    }

    /// Starts `bench --save pre` with a suite that hangs, and waits until it does.
    pub fn start_hanging(&self) -> Hanging {
        let pids = self.path("pids");
        let child = self
            .command(&["bench", "--save", "pre"])
            .env("SUITE_DOES", "hang")
            .env("SUITE_PIDS", &pids)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        wait_for("the suite to run", || pids.exists());
        let pids = fs::read_to_string(pids).expect("readable");
        let pids = pids
            .split(' ')
            .map(|pid| pid.parse().expect("a pid"))
            .collect();
        Hanging {
            program: child,
            pids,
        }
    }
}

pub struct Hanging {
    pub program: Child,
    /// The suite and a child of it.
    pub pids: Vec<u32>,
}

impl Hanging {
    pub fn signal(&self, signal: &str) {
        let pid = self.program.id().to_string();
        let status = Command::new("kill")
            .args([signal, &pid])
            .status()
            .expect("kill starts");
        assert!(status.success());
    }

    pub fn end(self) -> (Ended, Vec<u32>) {
        let output = self
            .program
            .wait_with_output()
            .expect("it can be waited for");
        (output.into(), self.pids)
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

pub fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited too long for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

pub fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
    // A zombie runs no more; it waits for whoever inherited it.
    stat.is_ok_and(|stat| {
        !stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .starts_with('Z')
    })
}
