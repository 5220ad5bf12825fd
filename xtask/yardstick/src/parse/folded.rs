//! Folded stacks: one line `root;…;leaf weight` per stack.

use crate::model::stack::{LARGEST_TOTAL_WEIGHT, Stack, Stacks};

/// Reads folded text. Equal stacks are added up; empty lines are skipped.
///
/// # Errors
/// The number of the first line that is no folded stack, with what is wrong with it; or that the weights add up to more
/// than [`LARGEST_TOTAL_WEIGHT`].
pub fn read(text: &str) -> Result<Stacks, String> {
    let mut stacks = Stacks::default();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        let (stack, weight) =
            read_line(line).map_err(|what| format!("line {}: {what}", number + 1))?;
        stacks.add(stack, weight);
    }
    match stacks.total() <= LARGEST_TOTAL_WEIGHT {
        true => Ok(stacks),
        false => Err("the weights add up to more than 2⁵³".to_owned()),
    }
}

fn read_line(line: &str) -> Result<(Stack, u64), String> {
    let (stack, weight) = line.rsplit_once(' ').ok_or("no weight behind the stack")?;
    let weight = weight
        .parse()
        .map_err(|_| format!("`{weight}` is not a weight"))?;
    let frames: Stack = stack.split(';').map(str::to_owned).collect();
    if frames.iter().any(String::is_empty) {
        return Err("a frame without a name".to_owned());
    }
    Ok((frames, weight))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weights_that_nobody_can_have_counted_are_refused_and_not_wrapped_around() {
        for text in ["a 18446744073709551615\na 1\n", "a 9007199254740992\nb 1\n"] {
            let message = read(text).expect_err("it is too much");
            assert!(message.contains("2⁵³"), "{message}");
        }
        assert!(read("a 9007199254740991\nb 1\n").is_ok());
    }

    #[test]
    fn names_may_hold_spaces() {
        let stacks = read("<a::S as b::T>::f;operator new(unsigned long) 3\n\n[runtime] 2\n")
            .expect("folded");
        assert_eq!(stacks.total(), 5);
        assert!(stacks.0.contains_key(&vec![
            "<a::S as b::T>::f".to_owned(),
            "operator new(unsigned long)".to_owned()
        ]));
    }

    #[test]
    fn the_damaged_line_is_named() {
        for (text, wanted) in [
            ("a 1\nb", "line 2: no weight behind the stack"),
            ("a 1\n\nb x", "line 3: `x` is not a weight"),
            ("a;;b 1", "line 1: a frame without a name"),
            ("a -1", "line 1: `-1` is not a weight"),
        ] {
            assert_eq!(read(text), Err(wanted.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn what_was_folded_is_read_back(
            stacks in prop::collection::btree_map(
                prop::collection::vec("[a-z:<>{}]( ?[a-z])*", 1..5), 0..1_u64 << 49, 0..9,
            )
        ) {
            let stacks = Stacks(stacks);
            prop_assert_eq!(read(&stacks.to_string()), Ok(stacks));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = read(&text);
        }
    }
}
