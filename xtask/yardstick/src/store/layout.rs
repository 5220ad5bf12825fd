//! The paths below a capture's folder.

use crate::model::{benchmark::BenchmarkKey, digest::sha256};

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const BENCHMARKS: &str = "benchmarks.json";
pub(super) const PROFILE: &str = "profile.json";
pub(super) const STACKS: &str = "stacks.folded";

/// A file system allows 255; Criterion cuts at 64, too.
pub(super) const MAX_BYTES: usize = 64;

/// The folder of a suite's profiles.
pub fn suite_folder(package: &str, suite: &str) -> String {
    format!("profiles/{}/{}", file_name(package), file_name(suite))
}

/// The folder of a benchmark's profile.
pub fn profile_folder(key: &BenchmarkKey) -> String {
    format!(
        "{}/{}",
        suite_folder(&key.package, &key.suite),
        file_name(&key.id)
    )
}

/// The folder of Criterion's own files of a benchmark.
pub(super) fn criterion_folder(key: &BenchmarkKey, directory: &str) -> String {
    format!(
        "criterion/{}/{}/{directory}",
        file_name(&key.package),
        file_name(&key.suite)
    )
}

/// Whether a path of a manifest stays below the capture's folder.
pub(super) fn is_safe(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', '\0'])
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

/// Whether a character is the same in the name of a file.
pub(super) fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// A name that can be read, and is different for different ids: `a/b` becomes `a.b`, and whatever
/// else has to be changed brings a part of the id's hash with it.
pub(super) fn file_name(id: &str) -> String {
    let mut name: String = id
        .chars()
        .map(|c| match c {
            '/' => '.',
            c if is_plain(c) => c,
            _ => '_',
        })
        .collect();
    let is_exact =
        id.chars().all(|c| is_plain(c) || c == '/') && !id.starts_with('/') && !id.is_empty();
    if !is_exact || name.len() > MAX_BYTES {
        name.truncate(MAX_BYTES - 9);
        name = format!(
            "{}-{}",
            name.trim_start_matches('.'),
            &sha256(id.as_bytes())[..8]
        );
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn plain_ids_stay_readable_and_all_stay_different() {
        assert_eq!(file_name("workflow/linear/10"), "workflow.linear.10");
        let ids = [
            "a/b",
            "a.b",
            "a b",
            "a_b",
            "a:b",
            "",
            ".",
            "..",
            "/",
            "é",
            "e",
            &"x".repeat(80),
            &"x".repeat(81),
        ];
        let names: BTreeSet<String> = ids.iter().map(|id| file_name(id)).collect();
        assert_eq!(names.len(), ids.len(), "{names:?}");
        for name in names {
            assert!(
                is_safe(&name)
                    && !name.contains('/')
                    && !name.starts_with('.')
                    && name.len() <= MAX_BYTES,
                "{name}"
            );
        }
    }

    #[test]
    fn paths_that_leave_the_folder_are_not_safe() {
        for path in [
            "../x",
            "a/../../x",
            "/etc/passwd",
            "a//b",
            "./a",
            "a/.",
            "",
            "..",
            "a\\..\\b",
        ] {
            assert!(!is_safe(path), "{path}");
        }
        assert!(is_safe("profiles/a/b/c..d.json"));
    }
}
