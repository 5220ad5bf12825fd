//! `console` blocks in Markdown.

/// Whether a block is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speed {
    /// It is.
    Quick,
    /// Only its command lines are checked.
    Slow,
}

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Whether it is run.
    pub(crate) speed: Speed,
    /// Its commands.
    pub(crate) consoles: Vec<Console>,
}

/// One command with what it prints.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Console {
    /// The line of the command, from 1.
    pub(crate) line: usize,
    /// What is typed after `$ `; continued lines are joined.
    pub(crate) command: String,
    /// The lines from the first of the output to the one after the last, from 1.
    pub(crate) output_lines: std::ops::Range<usize>,
    /// What is shown, each line with its line feed.
    pub(crate) output: String,
}

impl Console {
    /// The document with another output for this command.
    pub(crate) fn with_output(&self, document: &str, output: &str) -> String {
        let lines: Vec<&str> = document.split_inclusive('\n').collect();
        let (before, rest) = lines.split_at(self.output_lines.start - 1);
        let after = &rest[self.output_lines.len()..];
        [before.concat(), output.to_owned(), after.concat()].concat()
    }
}

/// The `console` blocks of a document.
pub(crate) fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().zip(1..);
    while let Some((line, _)) = lines.next() {
        let speed = match line.trim_end() {
            "```console" => Speed::Quick,
            "```console,slow" => Speed::Slow,
            _ => continue,
        };
        let inside: Vec<(&str, usize)> = lines.by_ref().take_while(|(l, _)| *l != "```").collect();
        blocks.push(Block {
            speed,
            consoles: consoles(&inside),
        });
    }
    blocks
}

fn consoles(lines: &[(&str, usize)]) -> Vec<Console> {
    let mut consoles: Vec<Console> = Vec::new();
    let mut continued = false;
    for (line, number) in lines {
        if let Some(command) = line.strip_prefix("$ ") {
            consoles.push(Console {
                line: *number,
                command: command.to_owned(),
                output_lines: number + 1..number + 1,
                output: String::new(),
            });
        } else if let Some(console) = consoles.last_mut() {
            if continued {
                console.command.push('\n');
                console.command.push_str(line);
                console.output_lines = number + 1..number + 1;
            } else {
                console.output_lines.end = number + 1;
                console.output.push_str(line);
                console.output.push('\n');
            }
        }
        let in_command = consoles
            .last()
            .is_some_and(|console| console.output.is_empty());
        continued = in_command && line.ends_with('\\');
    }
    for console in &mut consoles {
        console.command = console.command.replace("\\\n", " ");
    }
    consoles
}

/// A command line as a shell splits it: quotes hold words together, `#` begins a comment.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn blocks_are_found_with_their_commands_outputs_and_lines() {
    let document = "text\n```console\n$ cargo xtask a \\\n    --b # why\nout\n\n$ cargo xtask c\n```\n```sh\n$ no\n```\n```console,slow\n$ d\n```\n";
    let blocks = blocks(document);
    assert_eq!(blocks.len(), 2);
    let [first, second] = blocks[0].consoles.as_slice() else {
        panic!("two commands: {blocks:?}");
    };
    assert_eq!(words(&first.command), ["cargo", "xtask", "a", "--b"]);
    assert_eq!((first.line, first.output.as_str()), (3, "out\n\n"));
    assert_eq!((second.line, second.output.as_str()), (7, ""));
    assert_eq!(blocks[1].speed, Speed::Slow);
    assert_eq!(
        first.with_output(document, "new\n"),
        document.replace("out\n\n", "new\n")
    );
    assert!(
        second
            .with_output(document, "new\n")
            .contains("xtask c\nnew\n```")
    );
}

#[test]
fn words_keep_quotes_together() {
    assert_eq!(
        words("a 'b c' \"d # e\" f#g # h"),
        ["a", "b c", "d # e", "f#g"]
    );
}
