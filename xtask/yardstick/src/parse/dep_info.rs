//! The compiler's `.d` files, which say what was compiled.

/// The files that something was compiled from, as they are written there: absolute, or relative to the workspace.
///
/// Each rule is a line `output: file file`; a space in a name is written `\ `. Lines with `#` are about the environment.
pub fn sources(text: &str) -> impl Iterator<Item = String> {
    let rules = text.lines().filter(|line| !line.starts_with('#'));
    rules
        .filter_map(|line| line.split_once(": "))
        .flat_map(|(_, files)| names(files))
}

fn names(files: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut characters = files.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some(' ')) => name.extend(characters.next()),
            (' ', _) => names.push(std::mem::take(&mut name)),
            _ => name.push(character),
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_every_rule_are_read_with_their_spaces() {
        let text = "/t/libapp.rmeta: src/lib.rs src/a\\ b.rs /abs/c.txt\n\n/t/app.d: src/lib.rs\n\nsrc/lib.rs:\n\n# env-dep:NAME=a: b\n";
        let found: Vec<String> = sources(text).collect();
        assert_eq!(
            found,
            ["src/lib.rs", "src/a b.rs", "/abs/c.txt", "src/lib.rs"]
        );
    }
}
