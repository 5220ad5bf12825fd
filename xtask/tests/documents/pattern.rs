//! Expected output with holes.

/// Whether `printed` is what `expected` shows: `...` on a line of its own stands for any
/// number of lines, `[..]` for any characters of one line. Spaces at the ends of lines and
/// empty lines at either end do not count.
pub(crate) fn matches(expected: &str, printed: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        let trimmed = text.trim_matches('\n');
        trimmed
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    lines_match(&lines(expected), &lines(printed))
}

fn lines_match(expected: &[String], printed: &[String]) -> bool {
    match (expected, printed) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "..." => {
            (0..=printed.len()).any(|skipped| lines_match(rest, &printed[skipped..]))
        }
        ([first, expected @ ..], [line, printed @ ..]) => {
            line_matches(first, line) && lines_match(expected, printed)
        }
        _ => false,
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| line_matches(rest, &tail[at..]))
        }),
    }
}

#[test]
fn holes_match_anything_and_nothing_else_does() {
    let cases = [
        ("a\n", "a\n", true),
        ("a\n", "b\n", false),
        ("a\n", "a\nb\n", false),
        ("a\n...\n", "a\nb\nc\n", true),
        ("...\nc\n", "a\nb\nc\n", true),
        ("a\n...\nc\n", "a\nc\n", true),
        ("a [..] c\n", "a anything at all c\n", true),
        ("a [..] c [..]\n", "a 1 c 2\n", true),
        ("a [..] c\n", "a b d\n", false),
        ("a  \n\n", "\na\n", true),
        ("", "", true),
        ("", "a\n", false),
    ];
    for (expected, printed, wanted) in cases {
        assert_eq!(
            matches(expected, printed),
            wanted,
            "{expected:?} {printed:?}"
        );
    }
}
