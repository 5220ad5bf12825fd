//! Sentences in lines.

/// Breaks a text at its spaces so that no line has more than `columns` characters, unless a word has; the first line begins
/// with `first`, the others with as many spaces. Every line ends with a line feed.
pub fn wrap(text: &str, first: &str, columns: usize) -> String {
    let indent = " ".repeat(first.chars().count());
    let mut wrapped = first.to_owned();
    let mut width = indent.len();
    let mut is_start = true;
    for word in text.split(' ') {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn further_lines_stand_under_the_first_word() {
        assert_eq!(wrap("one two three", "- ", 9), "- one two\n  three\n");
        assert_eq!(wrap("", "", 9), "\n");
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
