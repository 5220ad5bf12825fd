//! What a link was made from, and the response files that linkers take arguments from.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

/// The first field of a stored link; another one is of another version of this program.
const FORMAT: &str = "yardstick link 1";

/// A link as it can be done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The linker: a program, or a name to look for in `PATH`.
    pub linker: String,
    /// The folder that it ran in.
    pub folder: Utf8PathBuf,
    /// What it made.
    pub executable: Utf8PathBuf,
    /// Its arguments, response files resolved.
    pub arguments: Vec<String>,
    /// The files that it read where they are.
    pub inputs: Vec<Input>,
}

/// A file as it was at the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: Utf8PathBuf,
    /// Its length.
    pub bytes: u64,
    /// When it was written, in nanoseconds since 1970.
    pub modified_ns: u128,
}

impl Link {
    /// The stored form: fields that end in NUL, which no path and no argument can hold.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!(
            "{FORMAT}\0{}\0{}\0{}\0{}\0",
            self.linker,
            self.folder,
            self.executable,
            self.arguments.len()
        );
        for argument in &self.arguments {
            text.push_str(argument);
            text.push('\0');
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{}\0", self.inputs.len());
        for input in &self.inputs {
            let _ = write!(
                text,
                "{}\0{}\0{}\0",
                input.path, input.bytes, input.modified_ns
            );
        }
        text.into_bytes()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// If it is cut, or of another version.
    pub fn decode(stored: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(stored).context("a stored link is not UTF-8")?;
        let text = text.strip_suffix('\0').context("a stored link is cut")?;
        let mut fields = text.split('\0');
        let mut next = || fields.next().context("a stored link is cut");
        ensure!(
            next()? == FORMAT,
            "a stored link is of another version of this program"
        );
        let (linker, folder, executable) = (next()?.to_owned(), next()?.into(), next()?.into());
        let count: usize = next()?.parse().context("a stored link is damaged")?;
        let arguments: Vec<String> = (0..count)
            .map(|_| next().map(str::to_owned))
            .collect::<Result<_>>()?;
        let count: usize = next()?.parse().context("a stored link is damaged")?;
        let inputs: Vec<Input> = (0..count)
            .map(|_| {
                Ok(Input {
                    path: next()?.into(),
                    bytes: next()?.parse().context("a stored link is damaged")?,
                    modified_ns: next()?.parse().context("a stored link is damaged")?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            linker,
            folder,
            executable,
            arguments,
            inputs,
        })
    }

    /// The arguments of the same link with another output.
    pub fn arguments_for(&self, output: &Utf8Path) -> Vec<String> {
        let mut arguments = self.arguments.clone();
        if let Some(at) = output_position(&arguments) {
            arguments[at] = output.to_string();
        }
        arguments
    }
}

/// What a linker that gets these arguments will write; `None` where they do not say.
pub fn output(arguments: &[String]) -> Option<&Utf8Path> {
    output_position(arguments).map(|at| Utf8Path::new(&arguments[at]))
}

fn output_position(arguments: &[String]) -> Option<usize> {
    let option = arguments.iter().rposition(|argument| argument == "-o")?;
    (option + 1 < arguments.len()).then_some(option + 1)
}

/// The parts of an argument that may be paths of their own: `-Wl,--version-script=/a/list` has one.
pub fn paths_in(argument: &str) -> impl Iterator<Item = &Utf8Path> {
    argument
        .split([',', '='])
        .filter_map(|part| part.find('/').map(|start| (part, start)))
        // `-L/folder` and `-B/folder` have no separator.
        .map(|(part, start)| match part.starts_with('-') {
            true => &part[start..],
            false => part,
        })
        .map(Utf8Path::new)
}

/// The arguments in a response file: words, in which a backslash takes the next character as it is and quotes keep
/// white space together.
pub fn response_file(text: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', _) => word.get_or_insert_default().extend(characters.next()),
            (_, Some(open)) if character == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (_, None) if is_space(character) => arguments.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    arguments.extend(word);
    arguments
}

/// A response file with these arguments, one a line.
pub fn to_response_file(arguments: &[String]) -> String {
    let mut text = String::new();
    for argument in arguments {
        if argument.is_empty() {
            text.push_str("\"\"");
        }
        for character in argument.chars() {
            if is_space(character) || ['\\', '"', '\''].contains(&character) {
                text.push('\\');
            }
            text.push(character);
        }
        text.push('\n');
    }
    text
}

/// What C calls white space.
fn is_space(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\u{b}'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    fn link() -> Link {
        Link {
            linker: "cc".to_owned(),
            folder: "/w".into(),
            executable: "/t/deps/b-1".into(),
            arguments: words(&["-m64", "", "a b.o", "-o", "/t/deps/b-1", "-pie"]),
            inputs: vec![Input {
                path: "/t/deps/libx.rlib".into(),
                bytes: 7,
                modified_ns: 1_700_000_000_123_456_789,
            }],
        }
    }

    #[test]
    fn a_stored_link_is_read_as_it_was_written() {
        assert_eq!(Link::decode(&link().encode()).expect("valid"), link());
    }

    #[test]
    fn a_stored_link_that_is_cut_anywhere_is_refused() {
        let whole = link().encode();
        for end in 0..whole.len() {
            assert!(Link::decode(&whole[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn another_version_is_refused() {
        let other = b"yardstick link 0\0cc\0/w\0/t/b\x000\0";
        assert!(
            Link::decode(other)
                .expect_err("another version")
                .to_string()
                .contains("version")
        );
    }

    #[test]
    fn only_the_output_is_exchanged() {
        let again = link().arguments_for(Utf8Path::new("/out/b"));
        assert_eq!(again, words(&["-m64", "", "a b.o", "-o", "/out/b", "-pie"]));
        assert_eq!(output(&words(&["a.o", "-o"])), None);
    }

    #[test]
    fn paths_are_found_behind_options_and_commas() {
        let found = |argument: &'static str| paths_in(argument).collect::<Vec<_>>();
        assert_eq!(found("/a/x.o"), ["/a/x.o"]);
        assert_eq!(found("-Wl,--version-script=/t/list"), ["/t/list"]);
        assert_eq!(found("-L/t/raw-dylibs"), ["/t/raw-dylibs"]);
        assert_eq!(found("-Wl,--gc-sections"), Vec::<&str>::new());
    }

    #[test]
    fn response_files_are_read_as_compilers_read_them() {
        let text = "-o \"/a b/c\"\n'it\\'s' x\\ y\t\\\\z \"\"\n";
        assert_eq!(
            response_file(text),
            ["-o", "/a b/c", "it's", "x y", "\\z", ""]
        );
        assert_eq!(response_file("\n"), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn any_arguments_survive_a_response_file(arguments: Vec<String>) {
            assert_eq!(response_file(&to_response_file(&arguments)), arguments);
        }
    }
}
