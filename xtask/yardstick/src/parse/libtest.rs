//! What the harness of `#[test]` prints.

/// The names of the tests, from what an executable answers to `--list --format terse`; `None` where that is no list, so that
/// the executable has another harness.
pub fn listed_tests(stdout: &str) -> Option<Vec<String>> {
    stdout
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (name, kind) = line.rsplit_once(": ")?;
            matches!(kind, "test" | "benchmark").then(|| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_the_names_and_anything_else_nothing() {
        let names = listed_tests("a::b: test\nc: benchmark\n\n");
        assert_eq!(names, Some(vec!["a::b".to_owned(), "c".to_owned()]));
        assert_eq!(listed_tests(""), Some(Vec::new()));
        assert_eq!(listed_tests("a::b: test\nserving on port 80\n"), None);
    }
}
