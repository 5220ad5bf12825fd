//! A workspace with a library, a binary, an example of actors, and tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// One workspace for all tests, for one at a time: they build in it.
static IN_USE: Mutex<()> = Mutex::new(());

pub(crate) struct Workspace {
    root: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A stored profile.
#[derive(Debug)]
pub(crate) struct Profiled {
    /// Below `profiles/`.
    pub(crate) folder: String,
    pub(crate) json: serde_json::Value,
    /// Folded stacks with their weights.
    pub(crate) stacks: Vec<(String, u64)>,
}

const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[dev-dependencies]
tokio = { version = "1", features = ["rt-multi-thread"] }

[workspace]
"#;

const LIBRARY: &str = r"//! Work to be seen in profiles.

use std::{hint::black_box, time::Duration};

/// Takes about so long, and not a shorter time on the CPU where others want it as well.
#[inline(never)]
pub fn work(duration: Duration) {
    for step in 0..duration.as_micros() as u64 * 1_000 {
        black_box(step.wrapping_mul(31));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn work_is_done() {
        super::work(std::time::Duration::from_millis(300));
    }
}
";

const PROGRAM: &str = r#"use std::{process::Command, time::Duration};

#[inline(never)]
fn own_work() {
    app::work(Duration::from_millis(300));
    std::hint::black_box(());
}

#[inline(never)]
fn childs_work() {
    // Not the same as above, or the compiler makes one function of both.
    app::work(Duration::from_millis(310));
    std::hint::black_box(());
}

fn main() {
    let argument = std::env::args().nth(1).unwrap_or_default();
    match argument.as_str() {
        "--brief" => {}
        "--child" => childs_work(),
        "--children" => {
            // A service that nobody waits for.
            Command::new("sh").args(["-c", "while :; do :; done"]).spawn().expect("sh");
            let own = std::env::current_exe().expect("a file");
            let mut child = Command::new(own).arg("--child").spawn().expect("itself");
            own_work();
            child.wait().expect("it is ours");
        }
        failure => {
            own_work();
            eprintln!("nothing goes");
            if failure == "--abort" {
                std::process::abort();
            }
            std::process::exit(3);
        }
    }
}
"#;

/// Two kinds of actors that run the same generic code.
const ACTORS: &str = r#"use std::time::Duration;

trait Actor {
    fn handle(&mut self);
}

struct Counter;
struct Painter;

impl Actor for Counter {
    fn handle(&mut self) {
        app::work(Duration::from_millis(5));
    }
}

impl Actor for Painter {
    fn handle(&mut self) {
        app::work(Duration::from_millis(6));
    }
}

async fn live<A: Actor>(mut actor: A) {
    for _ in 0..40 {
        actor.handle();
        tokio::task::yield_now().await;
    }
}

async fn root() {
    let tasks = [tokio::spawn(live(Counter)), tokio::spawn(live(Painter))];
    app::work(Duration::from_millis(200));
    for task in tasks {
        task.await.expect("it does not panic");
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
    runtime.expect("a runtime").block_on(root());
}
"#;

const TESTS: &str = r#"use std::{thread, time::Duration};

#[test]
fn work_is_done() {
    let pump = thread::Builder::new().name("pump".to_owned());
    let pump = pump.spawn(|| app::work(Duration::from_millis(300))).expect("a thread");
    app::work(Duration::from_millis(300));
    pump.join().expect("it does not panic");
}

#[test]
fn other_work_is_done() {
    app::work(Duration::from_millis(300));
}
"#;

impl Workspace {
    /// The workspace with nothing stored; what was built is kept.
    pub(crate) fn new() -> Self {
        // A test that failed left nothing that the next one trusts.
        let alone = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
        // Where it does not exist there is nothing to remove.
        let _ = fs::remove_dir_all(root.join("profiles"));
        let workspace = Self {
            root,
            _alone: alone,
        };
        for (path, text) in [
            ("Cargo.toml", MANIFEST),
            ("src/lib.rs", LIBRARY),
            ("src/bin/parent.rs", PROGRAM),
            ("tests/checks.rs", TESTS),
            ("examples/actors.rs", ACTORS),
        ] {
            workspace.write(path, text);
        }
        // What is in cargo's cache is what our own lock file names.
        if !workspace.has("Cargo.lock") {
            let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
            let lock = fs::read_to_string(ours).expect("we have a lock file");
            workspace.write("Cargo.lock", &lock);
        }
        workspace
    }

    /// Runs `cargo yardstick ARGUMENTS` at the root.
    pub(crate) fn yardstick(&self, arguments: &str) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-yardstick"))
            .arg("yardstick")
            .args(arguments.split(' '))
            .current_dir(&self.root)
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR")
            .env("NO_COLOR", "1")
            .output()
            .expect("it was built");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is text");
        Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The profile of a capture: `key` is package, suite and id.
    pub(crate) fn profile(&self, capture: &str, key: &str) -> Profiled {
        let profiles = self.root.join("profiles").join(capture).join("profiles");
        let mut parts = key.splitn(3, '/');
        let mut part = || parts.next().expect("package, suite and id").to_owned();
        let (package, suite, id) = (part(), part(), part());
        let suite = format!("{package}/{suite}");
        let folders = fs::read_dir(profiles.join(&suite)).expect("the suite has a folder");
        let found = folders
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find_map(|folder| {
                let text = fs::read_to_string(folder.join("profile.json")).ok()?;
                let json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
                (json["id"] == id.as_str()).then_some((folder, json))
            });
        let (folder, json) = found.unwrap_or_else(|| panic!("no profile of {id}"));
        let folded = fs::read_to_string(folder.join("stacks.folded")).expect("stacks are stored");
        let stacks = folded.lines().map(|line| {
            let (stack, weight) = line.rsplit_once(' ').expect("a stack and its weight");
            (stack.to_owned(), weight.parse().expect("a weight"))
        });
        let name = folder.file_name().expect("it has a name");
        Profiled {
            folder: format!("{suite}/{}", name.to_string_lossy()),
            json,
            stacks: stacks.collect(),
        }
    }

    /// Whether a file exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        // An unchanged file keeps its time, so that nothing is built again.
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return;
        }
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}
