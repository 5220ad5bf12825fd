//! The foreign workspace.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// One workspace for all tests, for one at a time: they build in it.
static IN_USE: Mutex<()> = Mutex::new(());

/// A workspace with a library, a suite of Criterion, a bench of libtest, and an `xtask`.
pub(crate) struct Foreign {
    root: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) command: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Fails unless it ended well.
    pub(crate) fn succeeds(&self) {
        assert_eq!(
            self.code,
            Some(0),
            "`{}` failed\n{}{}",
            self.command,
            self.stdout,
            self.stderr
        );
    }
}

impl Foreign {
    /// The workspace as it was at first, with nothing stored; what was built is kept.
    pub(crate) fn new() -> Self {
        // A test that failed left nothing that the next one trusts.
        let alone = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("adoption");
        let foreign = Self {
            root,
            _alone: alone,
        };
        for stored in ["profiles", "target/criterion"] {
            // Where it does not exist there is nothing to remove.
            let _ = fs::remove_dir_all(foreign.root.join(stored));
        }
        foreign.write_all();
        foreign
    }

    /// Gives the function that is measured another body.
    pub(crate) fn write_function(&self, body: &str) {
        self.write(
            "app/src/lib.rs",
            &format!("pub fn sum(n: u64) -> u64 {{\n    {body}\n}}\n"),
        );
    }

    /// Whether a file exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// Runs `cargo yardstick ARGUMENTS` at the root.
    pub(crate) fn yardstick(&self, arguments: &str) -> Ran {
        let command = Command::new(env!("CARGO_BIN_EXE_cargo-yardstick"));
        self.run(command, "", &format!("yardstick {arguments}"))
    }

    /// Runs `cargo ARGUMENTS` in a folder.
    pub(crate) fn cargo(&self, folder: &str, arguments: &str) -> Ran {
        self.run(Command::new(env!("CARGO")), folder, arguments)
    }

    fn run(&self, mut command: Command, folder: &str, arguments: &str) -> Ran {
        let output = command
            .args(arguments.split_whitespace())
            .current_dir(self.root.join(folder))
            // What our own tests need is in cargo's cache, and that is all it needs.
            .env("CARGO_NET_OFFLINE", "true")
            .env("XDG_CACHE_HOME", self.root.with_extension("cache"))
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR")
            .env_remove("CRITERION_HOME")
            .output()
            .expect("the program starts");
        Ran {
            command: arguments.to_owned(),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn write_all(&self) {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let lock = fs::read(package.join("../../Cargo.lock")).expect("we have a lock file");
        self.write("Cargo.lock", &String::from_utf8_lossy(&lock));
        self.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"xtask\"]\n\n[profile.dev]\ndebug = 0\n",
        );
        self.write(
            ".cargo/config.toml",
            "[alias]\nxtask = \"run --quiet --package xtask --\"\n",
        );
        self.write(
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n\
             [lib]\nbench = false\n\n\
             [dev-dependencies]\ncriterion = { version = \"0.8\", default-features = false }\n\n\
             [[bench]]\nname = \"speed\"\nharness = false\n\n\
             [[bench]]\nname = \"plain\"\n",
        );
        self.write_function("(0..n).sum()");
        self.write("app/benches/speed.rs", SPEED);
        self.write("app/benches/plain.rs", "#[test]\nfn nothing() {}\n");
        self.write(
            "xtask/Cargo.toml",
            &format!(
                "[package]\nname = \"xtask\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\nyardstick = {{ path = {:?} }}\n",
                package.display().to_string()
            ),
        );
        self.write(
            "xtask/src/main.rs",
            "fn main() -> std::process::ExitCode {\n    yardstick::run(yardstick::Invocation::Xtask)\n}\n",
        );
    }

    /// Writes a file unless it is so already: cargo builds anew what was touched.
    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        if fs::read_to_string(&path).is_ok_and(|now| now == text) {
            return;
        }
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }
}

const SPEED: &str = r#"use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};

fn sum(c: &mut Criterion) {
    let mut group = c.benchmark_group("sum");
    for n in [10_u64, 1000] {
        group.bench_with_input(BenchmarkId::from_parameter(n), &n, |b, n| {
            b.iter(|| app::sum(std::hint::black_box(*n)));
        });
    }
    group.finish();
}

criterion_group!(benches, sum);
criterion_main!(benches);
"#;
