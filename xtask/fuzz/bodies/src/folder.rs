//! Several files in the bytes of one, for parsers that read a folder.

use std::collections::BTreeMap;

/// Begins a file: the rest of the line is its path.
const MARK: &str = "=== ";

/// The files: each begins with a line `=== PATH` and reaches to the next one.
pub(crate) fn files(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut current: Option<(String, Vec<u8>)> = None;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let path = std::str::from_utf8(line)
            .ok()
            .and_then(|line| line.strip_prefix(MARK));
        match (path, &mut current) {
            (Some(path), _) => {
                files.extend(current.take());
                current = Some((path.trim_end().to_owned(), Vec::new()));
            }
            (None, Some((_, text))) => text.extend_from_slice(line),
            (None, None) => {}
        }
    }
    files.extend(current);
    files
}

/// The files that are text.
pub(crate) fn texts(bytes: &[u8]) -> BTreeMap<String, String> {
    files(bytes)
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
        .collect()
}
