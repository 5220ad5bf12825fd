//! Sentences in lines.

/// Breaks a text at its spaces so that no line has more than `columns` characters, unless a word has; the first line begins
/// with `first`, the others with as many spaces. Every line ends with a line feed.
///
/// What stands in backticks is one word, so that a command can be copied; so are a number and its percent sign.
pub fn wrap(text: &str, first: &str, columns: usize) -> String {
    let indent = " ".repeat(first.chars().count());
    let mut wrapped = first.to_owned();
    let mut width = indent.len();
    let mut is_start = true;
    for word in words(text) {
        let length = word.chars().count();
        if !is_start && width + 1 + length > columns {
            wrapped.truncate(wrapped.trim_end().len());
            wrapped.push('\n');
            wrapped.push_str(&indent);
            width = indent.len();
        } else if !is_start {
            wrapped.push(' ');
            width += 1;
        }
        wrapped.push_str(word);
        width += length;
        is_start = false;
    }
    wrapped.push('\n');
    wrapped
}

fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut in_backticks = false;
    for (at, character) in text.char_indices() {
        match character {
            '`' => in_backticks = !in_backticks,
            ' ' if !in_backticks && !text[at + 1..].starts_with('%') => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn further_lines_stand_under_the_first_word() {
        assert_eq!(wrap("one two three", "- ", 9), "- one two\n  three\n");
        assert_eq!(wrap("", "", 9), "\n");
    }

    #[test]
    fn commands_and_percentages_are_not_torn() {
        assert_eq!(
            wrap("type `a b c` for 5 % more", "", 9),
            "type\n`a b c`\nfor 5 %\nmore\n"
        );
    }

    proptest! {
        #[test]
        fn lines_fit_and_keep_their_words(words in proptest::collection::vec("[a-z]{1,10}", 1..40), columns in 12..60_usize) {
            let text = words.join(" ");
            let wrapped = wrap(&text, "  ", columns);
            prop_assert!(wrapped.lines().all(|line| line.chars().count() <= columns));
            let again: Vec<&str> = wrapped.split_whitespace().collect();
            prop_assert_eq!(again, words);
        }
    }
}
