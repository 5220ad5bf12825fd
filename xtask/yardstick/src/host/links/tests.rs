use super::*;
use crate::parse::link::Input;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        super::super::utf8(&self.0.path().join(name)).expect("UTF-8")
    }

    fn write(&self, name: &str, text: &str) -> Utf8PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
        fs::write(&path, text).expect("writable");
        path
    }

    /// A kept link of `program` by this linker, of one object that stays where it is.
    fn keep(&self, linker: &str) -> (LinkKit, Utf8PathBuf) {
        let object = self.write("x.rlib", "object");
        let executable = self.write("program", "");
        let link = Link {
            linker: linker.to_owned(),
            folder: self.path(""),
            executable: executable.clone(),
            arguments: vec!["-o".to_owned(), executable.to_string()],
            inputs: vec![linker::input(&object).expect("it is there")],
        };
        let stored = String::from_utf8(link.encode()).expect("UTF-8");
        self.write("program.links/link", &stored);
        let lld = self.path("bin");
        (
            LinkKit {
                folder: linker::kept_folder(&executable),
                executable,
                lld_folder: lld,
                debug_info: DebugInfo::Dropped,
            },
            object,
        )
    }

    fn program(&self, script: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let path = self.write("linker", &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        path.into_string()
    }
}

#[test]
fn seeds_that_mean_something_else_to_lld_are_never_passed() {
    for seed in [0, u64::MAX, u64::from(u32::MAX), 1 << 32 | 1] {
        let passed = lld_seed(seed);
        assert!(passed != 0 && passed != u32::MAX, "{seed}");
    }
    assert_eq!(lld_seed(7), 7);
    assert_ne!(lld_seed(1 << 40), lld_seed(1 << 41));
}

#[test]
fn an_executable_says_why_it_cannot_be_linked_again() {
    let folder = Folder::new();
    let (kept, _) = folder.keep("cc");
    let lld = folder.path("bin");
    assert_eq!(kit(&kept.executable, Some(&lld)).as_ref(), Ok(&kept));
    let why = |lld: Option<&Utf8Path>| kit(&kept.executable, lld).expect_err("a reason");
    assert!(why(None).contains("`ld.lld` is neither"));
    folder.write("program.links/reason", "the disk is full");
    assert!(why(Some(&lld)).ends_with("the disk is full"));
    let (kept, _) = folder.keep("rust-lld");
    fs::remove_file(folder.path("program.links/reason")).expect("it is there");
    let why = kit(&kept.executable, Some(&lld)).expect_err("a reason");
    assert!(why.contains("linked by `rust-lld`"), "{why}");
    let never = kit(&folder.path("other"), Some(&lld)).expect_err("a reason");
    assert_eq!(never, "its link was not kept");
}

#[test]
fn what_was_rebuilt_meanwhile_is_not_linked_with_what_was_kept() {
    let folder = Folder::new();
    let (kit, object) = folder.keep(&folder.program("exit 0"));
    link(&kit, 1, &folder.path("out")).expect("nothing has changed");
    fs::write(&object, "another object").expect("writable");
    let error = link(&kit, 1, &folder.path("out")).expect_err("it has changed");
    assert!(error.to_string().contains("x.rlib"), "{error}");
}

#[test]
fn a_linker_that_fails_is_quoted() {
    let folder = Folder::new();
    let script = "echo undefined symbol: f >&2; exit 3";
    let (kit, _) = folder.keep(&folder.program(script));
    let error = link(&kit, 1, &folder.path("out")).expect_err("it fails");
    let text = error.to_string();
    assert!(text.contains("exit code 3"), "{text}");
    assert!(text.contains("undefined symbol: f"), "{text}");
    assert!(!folder.path("out.arguments").exists());
}

#[test]
fn inputs_are_told_apart_by_time_as_well_as_by_length() {
    let folder = Folder::new();
    let path = folder.write("a.rlib", "one");
    let before: Input = linker::input(&path).expect("it is there");
    let later = std::time::SystemTime::now() + Duration::from_secs(9);
    let file = fs::File::options()
        .write(true)
        .open(&path)
        .expect("it is there");
    file.set_modified(later).expect("it is ours");
    assert_ne!(linker::input(&path).expect("it is there"), before);
}
