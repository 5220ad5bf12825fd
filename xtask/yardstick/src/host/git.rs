//! The state of the version control checkout.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::{TemporaryFolder, process};
use crate::{model::revision::Revision, problem::Problem};

pub(super) fn revision(folder: &Utf8Path) -> Result<Option<Revision>> {
    let git = Git::at(folder);
    let Some(commit) = git.head()? else {
        return Ok(None);
    };
    let branch = process::text_of(&mut git.command(["symbolic-ref", "--quiet", "--short", "HEAD"]));
    let committed = git.line(["rev-parse", "HEAD^{tree}"])?;
    let built = git.tree_of_checkout()?;
    Ok(Some(Revision {
        commit,
        // A detached checkout has none.
        branch: branch.ok().map(|name| name.trim().to_owned()),
        dirty_tree: (built != committed).then_some(built),
    }))
}

/// Git commands in a folder.
pub(super) struct Git<'a> {
    folder: &'a Utf8Path,
    index: Option<&'a OsStr>,
}

/// What git itself and its hooks set, and what would lead our commands to another repository or index.
pub(super) fn forget_surroundings(command: &mut Command) {
    for name in [
        "GIT_DIR",
        "GIT_COMMON_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
    ] {
        command.env_remove(name);
    }
}

impl<'a> Git<'a> {
    pub(super) fn at(folder: &'a Utf8Path) -> Self {
        Self {
            folder,
            index: None,
        }
    }

    pub(super) fn command<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new("git");
        forget_surroundings(&mut command);
        command
            // The user's hooks are meant for the user's commands, and a sparse checkout builds nothing.
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "core.sparseCheckout=false",
            ])
            .arg("-C")
            .arg(self.folder)
            .args(arguments)
            .env("LC_ALL", "C");
        if let Some(index) = self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    pub(super) fn line<const N: usize>(&self, arguments: [&str; N]) -> Result<String> {
        process::text_of(&mut self.command(arguments)).map(|text| text.trim().to_owned())
    }

    /// The commit that is checked out; `None` outside of a repository, without git, and before the first commit.
    pub(super) fn head(&self) -> Result<Option<String>> {
        let mut command = self.command(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
        let Ok(finished) = process::run(&mut command, &mut |_| ()) else {
            super::signals::check()?;
            return Ok(None);
        };
        let complaint = String::from_utf8_lossy(&finished.stderr);
        if finished.exit.is_success() {
            Ok(Some(
                String::from_utf8_lossy(&finished.stdout).trim().to_owned(),
            ))
        } else if complaint.is_empty() || complaint.contains("not a git repository") {
            Ok(None)
        } else {
            Err(
                Problem::failure("cannot tell the commit that is checked out")
                    .fact(format!("git: {}", complaint.trim()))
                    .into(),
            )
        }
    }

    /// The tree that is being built: tracked files with their changes, and new source files.
    ///
    /// A copy of the index is updated; the user's own stays as it is. Stored captures are left
    /// out, because saving one changes nothing that is built.
    fn tree_of_checkout(&self) -> Result<String> {
        let scratch = TemporaryFolder::new(&std::env::temp_dir(), super::real::TEMPORARY_PREFIX)?;
        let index = scratch.path().join("index");
        let users_index =
            self.line(["rev-parse", "--path-format=absolute", "--git-path", "index"])?;
        match copy_with_time(&users_index, &index) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot copy `{users_index}`"));
            }
            // A checkout without an index tracks nothing yet.
            _ => {}
        }
        let git = Git {
            folder: self.folder,
            index: Some(index.as_os_str()),
        };
        git.line(["add", "--update", "--", ":/", ":(exclude)profiles"])?;
        let new_sources = git.line([
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
            "--",
            "*.rs",
            "*.toml",
        ])?;
        for source in new_sources.split('\0').filter(|path| !path.is_empty()) {
            git.line(["update-index", "--add", "--", source])?;
        }
        git.line(["write-tree"])
    }
}

/// Copies an index. From its time git tells which files may have changed after it was written: in a copy that is
/// younger it would take a change in the same second for none.
fn copy_with_time(from: &str, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    let written = fs::metadata(from)?.modified()?;
    File::options().write(true).open(to)?.set_modified(written)
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;

    struct Checkout(tempfile::TempDir);

    impl Checkout {
        fn new() -> Self {
            let checkout = Self(tempfile::tempdir().expect("a folder"));
            checkout.git(&["init", "--quiet", "--initial-branch=trunk"]);
            checkout
        }

        fn path(&self) -> Utf8PathBuf {
            super::super::utf8(self.0.path()).expect("UTF-8")
        }

        fn write(&self, name: &str, text: &str) {
            let path = self.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
            fs::write(path, text).expect("writable");
        }

        fn git(&self, arguments: &[&str]) -> String {
            let mut command = Command::new("git");
            command
                .arg("-C")
                .arg(self.0.path())
                .args(["-c", "user.name=n", "-c", "user.email=e"]);
            process::text_of(command.args(arguments)).expect("git works")
        }

        fn commit(&self) {
            self.git(&["add", "--all"]);
            self.git(&["commit", "--quiet", "--message", "m"]);
        }

        fn revision(&self) -> Revision {
            revision(&self.path())
                .expect("git works")
                .expect("a commit")
        }
    }

    #[test]
    fn a_clean_checkout_is_its_commit() {
        let checkout = Checkout::new();
        checkout.write("src/lib.rs", "");
        checkout.commit();
        let revision = checkout.revision();
        assert_eq!(revision.commit, checkout.git(&["rev-parse", "HEAD"]).trim());
        assert_eq!(revision.branch.as_deref(), Some("trunk"));
        assert_eq!(revision.dirty_tree, None);
    }

    #[test]
    fn uncommitted_changes_are_a_tree_and_the_index_stays_untouched() {
        let checkout = Checkout::new();
        checkout.write("src/lib.rs", "");
        checkout.commit();
        checkout.write("src/lib.rs", "pub mod new;");
        checkout.write("src/new.rs", "pub fn f() {}");
        let before = checkout.git(&["status", "--porcelain"]);
        let tree = checkout
            .revision()
            .dirty_tree
            .expect("the checkout is dirty");
        assert_eq!(
            checkout.git(&["show", &format!("{tree}:src/lib.rs")]),
            "pub mod new;"
        );
        assert_eq!(
            checkout.git(&["show", &format!("{tree}:src/new.rs")]),
            "pub fn f() {}"
        );
        assert_eq!(checkout.git(&["status", "--porcelain"]), before);
    }

    #[test]
    fn a_change_of_the_same_length_in_the_second_of_the_commit_is_seen() {
        for _ in 0..5 {
            let checkout = Checkout::new();
            checkout.write("src/lib.rs", "const N: u32 = 1;");
            checkout.commit();
            checkout.write("src/lib.rs", "const N: u32 = 2;");
            assert_ne!(checkout.revision().dirty_tree, None);
        }
    }

    #[test]
    fn stored_captures_make_no_checkout_dirty() {
        let checkout = Checkout::new();
        checkout.write("profiles/pre/manifest.json", "{}");
        checkout.commit();
        checkout.write("profiles/pre/manifest.json", "{ }");
        checkout.write("profiles/post/manifest.json", "{}");
        assert_eq!(checkout.revision().dirty_tree, None);
    }

    #[test]
    fn a_folder_without_version_control_or_commit_has_no_revision() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = super::super::utf8(folder.path()).expect("UTF-8");
        assert_eq!(revision(&path).expect("no error"), None);
        assert_eq!(revision(&Checkout::new().path()).expect("no error"), None);
    }
}
