use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::*;

/// Set in the process that a test starts to be killed while it writes.
const VICTIM: &str = "YARDSTICK_TEST_VICTIM";

fn store() -> (tempfile::TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = super::super::utf8(folder.path()).expect("UTF-8");
    (folder, path)
}

/// A capture all of whose files say the same, so that a mixture is recognised.
fn capture(text: &str) -> CaptureFiles {
    let name = |n| format!("folder{}/file{n}", n % 5);
    (0..20)
        .map(|n| (name(n), text.repeat(n + 1).into_bytes()))
        .collect()
}

fn write(store: &Utf8Path, name: &str, text: &str) -> Result<()> {
    update(store, name, &BTreeMap::new(), &mut |_| Ok(capture(text)))
}

fn litter(store: &Utf8Path) -> Vec<String> {
    let entries = fs::read_dir(store).expect("readable");
    let names = entries.map(|entry| {
        entry
            .expect("readable")
            .file_name()
            .into_string()
            .expect("UTF-8")
    });
    names.filter(|name| name.starts_with('.')).collect()
}

#[test]
fn a_capture_is_written_replaced_listed_and_removed() {
    let (_guard, store) = store();
    assert_eq!(names(&store.join("missing")).expect("no error"), [""; 0]);
    write(&store, "b", "1").expect("writable");
    write(&store, "a", "2").expect("writable");
    write(&store, "b", "3").expect("writable");
    assert_eq!(names(&store).expect("readable"), ["a", "b"]);
    assert_eq!(read(&store, "b").expect("readable"), Some(capture("3")));
    assert!(remove(&store, "b").expect("removable"));
    assert!(!remove(&store, "b").expect("no error"));
    assert_eq!(read(&store, "b").expect("no error"), None);
    assert_eq!(litter(&store), [""; 0]);
}

#[test]
fn raw_files_survive_a_replacement_and_are_not_read() {
    let (_guard, store) = store();
    let recording = store.join("recording");
    fs::write(&recording, "stacks").expect("writable");
    let raw = BTreeMap::from([("suite/one.data".to_owned(), recording.clone())]);
    update(&store, "pre", &raw, &mut |_| Ok(capture("1"))).expect("writable");
    assert!(!recording.exists(), "a raw file is moved");
    write(&store, "pre", "2").expect("writable");
    assert_eq!(read(&store, "pre").expect("readable"), Some(capture("2")));
    let kept = fs::read_to_string(store.join("pre/raw/suite/one.data"));
    assert_eq!(kept.expect("still there"), "stacks");
}

#[test]
fn a_change_that_fails_changes_nothing() {
    let (_guard, store) = store();
    write(&store, "pre", "1").expect("writable");
    let failed = update(&store, "pre", &BTreeMap::new(), &mut |_| {
        anyhow::bail!("no")
    });
    assert_eq!(failed.expect_err("it fails").to_string(), "no");
    assert_eq!(read(&store, "pre").expect("readable"), Some(capture("1")));
    assert_eq!(litter(&store), [""; 0]);
}

#[test]
fn writers_at_the_same_time_lose_nothing_of_each_other() {
    let (_guard, store) = store();
    thread::scope(|scope| {
        for writer in 0..4 {
            let store = &store;
            scope.spawn(move || {
                update(store, "pre", &BTreeMap::new(), &mut |files| {
                    let mut files = files.unwrap_or_default();
                    files.insert(writer.to_string(), Vec::new());
                    Ok(files)
                })
                .expect("writable");
            });
        }
    });
    assert_eq!(
        read(&store, "pre").expect("readable").expect("there").len(),
        4
    );
}

/// The process that gets killed; it does nothing in an ordinary run of the tests.
#[test]
fn victim() {
    let Ok(store) = std::env::var(VICTIM) else {
        return;
    };
    for round in 0.. {
        let text = if round % 2 == 0 { "old" } else { "new" };
        write(Utf8Path::new(&store), "pre", text).expect("writable");
    }
}

#[test]
fn a_kill_at_any_moment_leaves_a_whole_capture_and_the_next_write_removes_the_rest() {
    let (_guard, store) = store();
    write(&store, "pre", "old").expect("writable");
    let mut left_something = false;
    for moment in 0..40 {
        let mut victim = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "host::files::tests::victim"])
            .env(VICTIM, &store)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // It writes as long as it lives; from the first sign of that on, the moments are spread over some writes.
        let deadline = Instant::now() + Duration::from_secs(60);
        while litter(&store).is_empty() {
            assert!(Instant::now() < deadline, "the victim does not write");
        }
        thread::sleep(Duration::from_micros(370 * moment));
        victim.kill().expect("it runs until it is killed");
        victim.wait().expect("it can be waited for");
        left_something |= !litter(&store).is_empty();
        let found = read(&store, "pre")
            .expect("readable")
            .expect("it is always there");
        assert!(
            found == capture("old") || found == capture("new"),
            "a mixture at moment {moment}"
        );
        write(&store, "pre", "old").expect("writable");
        assert_eq!(litter(&store), [""; 0]);
    }
    assert!(left_something, "no kill hit a write: the moments are wrong");
}
