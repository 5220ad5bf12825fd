use std::{collections::BTreeMap, io::Write, os::unix::fs::OpenOptionsExt, thread};

use camino::Utf8PathBuf;

use super::*;
use crate::host::{Exit, utf8};

/// A shell script that stands for a bench executable, in a folder of its own.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn new(body: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o755)
            .open(folder.path().join("bench"))
            .expect("writable");
        write!(file, "#!/bin/sh\n{body}\n").expect("writable");
        Self { folder }
    }

    fn plan(&self) -> TrialPlan {
        let folder = utf8(self.folder.path()).expect("UTF-8");
        TrialPlan {
            bench: BenchPlan {
                executable: folder.join("bench"),
                package_root: folder,
                arguments: Vec::new(),
                environment: BTreeMap::new(),
                library_folders: Vec::new(),
                criterion_home: None,
                probe: None,
            },
            cpu: None,
            padding_bytes: 0,
            limit_seconds: 30.0,
            watch_threads: false,
        }
    }

    /// What the script left in a file of its folder.
    fn left(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("the script wrote it")
    }
}

fn run(plan: &TrialPlan) -> TrialRun {
    // A script that was just written may be held open by a child that another test forks at this moment.
    for _ in 0..50 {
        match trial(plan) {
            Err(error) if format!("{error:#}").contains("Text file busy") => {
                thread::sleep(Duration::from_millis(10));
            }
            result => return result.expect("it starts"),
        }
    }
    panic!("the script is still held open");
}

/// The variable that tells the process of [`interrupted_run`] which folder to work in.
const INTERRUPTED: &str = "YARDSTICK_TEST_INTERRUPTED";

/// The process that gets Ctrl-C; it does nothing in an ordinary run of the tests.
#[test]
fn interrupted_run() {
    let Ok(folder) = std::env::var(INTERRUPTED) else {
        return;
    };
    crate::host::signals::install().expect("handlers can be installed");
    let script = Script::new(&format!(
        "sleep 100 & echo $! > {folder}/child\necho $$ > {folder}/leader\nsleep 100"
    ));
    let error = trial(&script.plan()).expect_err("it is interrupted");
    std::fs::write(format!("{folder}/error"), format!("{error:#}")).expect("writable");
}

#[test]
fn ctrl_c_ends_a_process_with_its_children_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "host::trial::tests::interrupted_run"])
        .env(INTERRUPTED, folder.path())
        .stdout(std::process::Stdio::null());
    let mut interrupted = command.spawn().expect("it starts");
    wait_until("the script runs", || file("leader").ends_with('\n'));
    let pid = nix::unistd::Pid::from_raw(interrupted.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("it is ours");
    interrupted.wait().expect("it can be waited for");
    assert_eq!(file("error"), "interrupted");
    wait_until("all is gone", || {
        !is_alive(&file("leader")) && !is_alive(&file("child"))
    });
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn environment(stdout: &str) -> BTreeMap<&str, &str> {
    stdout
        .lines()
        .filter_map(|line| line.split_once('='))
        .collect()
}

fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    // A zombie waits for its parent and runs no more.
    stat.rsplit(") ")
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

fn last_cpu() -> u32 {
    let us = nix::unistd::Pid::from_raw(0);
    let allowed = nix::sched::sched_getaffinity(us).expect("Linux tells");
    let mut cpus = (0..nix::sched::CpuSet::count()).rev();
    cpus.find(|cpu| allowed.is_set(*cpu).unwrap_or(false))
        .expect("we run somewhere") as u32
}

#[test]
fn a_pinned_process_may_use_the_asked_cpu_and_no_other() {
    let script = Script::new("grep Cpus_allowed_list /proc/self/status");
    let cpu = last_cpu();
    let pinned = run(&TrialPlan {
        cpu: Some(cpu),
        ..script.plan()
    });
    assert_eq!(
        pinned.run.stdout.split_whitespace().last(),
        Some(cpu.to_string().as_str())
    );
    let free = run(&script.plan()).run.stdout;
    let ours = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let ours = ours
        .lines()
        .find(|line| line.starts_with("Cpus_allowed_list"));
    assert_eq!(free.trim(), ours.expect("Linux tells").trim());
}

#[test]
fn the_environment_holds_what_was_planned_and_nothing_of_ours() {
    let script = Script::new("env");
    let mut plan = script.plan();
    plan.bench.environment = BTreeMap::from([("CARGO_PKG_NAME".to_owned(), "p".to_owned())]);
    plan.bench.library_folders = vec![Utf8PathBuf::from("/libraries")];
    plan.padding_bytes = 77;
    let run = run(&plan);
    let mut found = environment(&run.run.stdout);
    assert_eq!(found.remove("CARGO_PKG_NAME"), Some("p"));
    assert_eq!(found.remove("LANG"), Some("C"));
    assert_eq!(found.remove(command::PADDING).map(str::len), Some(77));
    assert!(
        found
            .remove("LD_LIBRARY_PATH")
            .is_some_and(|path| path.split(':').next() == Some("/libraries"))
    );
    let home = found.remove("CRITERION_HOME").expect("it is set");
    assert_eq!(home.len() % 96, 0, "{home}");
    // The shell sets these by itself.
    for own in ["PWD", "OLDPWD", "SHLVL", "_"] {
        found.remove(own);
    }
    let rest: Vec<&str> = found.into_keys().collect();
    assert!(
        rest.iter()
            .all(|name| ["HOME", "PATH", "TMPDIR"].contains(name)),
        "{rest:?}"
    );
}

#[test]
fn the_probe_is_asked_only_where_it_is_meant_and_what_it_writes_is_kept() {
    let script = Script::new(
        "if [ -n \"$YARDSTICK_PROBE_DIR\" ]; then echo \"$ASKED\" > \"$YARDSTICK_PROBE_DIR/record\"; fi",
    );
    let mut plan = script.plan();
    assert!(run(&plan).run.probe_files.is_empty());
    plan.bench.probe = Some(BTreeMap::from([("ASKED".to_owned(), "yes".to_owned())]));
    assert_eq!(run(&plan).run.probe_files["record"], b"yes\n");
}

#[test]
fn every_process_has_an_empty_home_and_what_it_writes_there_is_kept() {
    let script = Script::new(
        "ls \"$CRITERION_HOME\" >&2\nmkdir -p \"$CRITERION_HOME/g/new\"\necho 1 > \"$CRITERION_HOME/g/new/sample.json\"\necho $@",
    );
    for _ in 0..2 {
        let run = run(&script.plan()).run;
        assert_eq!(run.stderr, "", "the home was not empty");
        assert_eq!(run.stdout, "--bench --noplot\n");
        assert_eq!(run.criterion_files["g/new/sample.json"], b"1\n");
    }
}

#[test]
fn a_process_that_hangs_is_killed_with_its_children_when_its_time_is_up() {
    let script = Script::new("sleep 100 & echo $! > child\necho begun\nsleep 100");
    let mut plan = script.plan();
    plan.limit_seconds = 0.3;
    let begun = Instant::now();
    let run = run(&plan);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert!(run.timed_out);
    assert_eq!(run.run.exit, Exit::Signal(9));
    assert_eq!(run.run.stdout, "begun\n");
    let child = script.left("child");
    wait_until("its child is gone", || !is_alive(&child));
}

#[test]
fn a_process_that_crashes_tells_how_and_what_it_wrote_last() {
    let run = run(&Script::new("echo going; echo 'no more' >&2; kill -SEGV $$").plan());
    assert!(!run.timed_out);
    assert_eq!(run.run.exit, Exit::Signal(11));
    assert_eq!(
        (run.run.stdout.as_str(), run.run.stderr.as_str()),
        ("going\n", "no more\n")
    );
}

#[test]
fn what_a_process_used_is_its_own_and_not_that_of_others() {
    // 0.1 s of work, and a second child of ours that works at the same time.
    let mut hog = Command::new("sh")
        .args(["-c", "while :; do :; done"])
        .spawn()
        .expect("sh starts");
    let run = run(&Script::new("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done").plan());
    let _ = hog.kill();
    let _ = hog.wait();
    let guards = run.guards;
    let used_ns = guards.user_ns + guards.system_ns;
    assert!(used_ns > 5_000_000, "{guards:?}");
    assert!(used_ns <= guards.wall_ns + 4_000_000, "{guards:?}");
    assert!(guards.peak_resident_bytes > 100_000, "{guards:?}");
}

#[test]
fn the_guards_of_a_pinned_process_see_a_hog_on_its_cpu() {
    let cpu = last_cpu();
    let hog = Script::new("while :; do :; done");
    let hog_plan = TrialPlan {
        cpu: Some(cpu),
        limit_seconds: 0.6,
        ..hog.plan()
    };
    let worker = Script::new("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done");
    let worker_plan = TrialPlan {
        cpu: Some(cpu),
        ..worker.plan()
    };
    let (_, shared) = thread::scope(|scope| {
        let hog = scope.spawn(|| run(&hog_plan));
        thread::sleep(Duration::from_millis(100));
        let shared = run(&worker_plan);
        (hog.join().expect("the hog is killed"), shared)
    });
    // The scheduler halves the CPU between them.
    assert!(shared.guards.foreign_share > 0.2, "{:?}", shared.guards);
    assert!(
        shared.guards.involuntary_switches > 0,
        "{:?}",
        shared.guards
    );
}

#[test]
fn only_what_is_used_while_measuring_counts_as_a_thread_s_time() {
    let script = Script::new(
        "work() { i=0; while [ $i -lt $1 ]; do i=$((i+1)); done; }
work 400000
echo 'Benchmarking a: Warming up for 20.000 ms' >&2
work 200000
echo 'Benchmarking a: Analyzing'
work 400000",
    );
    let mut plan = script.plan();
    plan.watch_threads = true;
    let run = run(&plan);
    assert_eq!(run.threads.len(), 1, "{:?}", run.threads);
    let (thread, guards) = (&run.threads[0], &run.guards);
    assert_eq!(thread.name, "bench");
    let share = thread.cpu_ns as f64 / (guards.user_ns + guards.system_ns) as f64;
    assert!(
        (0.05..0.4).contains(&share),
        "a fifth of the work is measured, {share} was counted"
    );
    assert!(run.measuring_seconds > 0.0);
    assert!(run.measuring_seconds * 1e9 < guards.wall_ns as f64 * 0.6);
}
