//! Names of functions.

use yardstick::symbolize::names;

use crate::Outcome;

/// Normalising twice changes nothing, and a normalised name fits into folded text.
pub(crate) fn normalise(bytes: &[u8]) -> Outcome {
    let symbol = String::from_utf8_lossy(bytes);
    let name = names::normalise(&symbol);
    assert_eq!(names::normalise(&name), name, "of {symbol:?}");
    assert!(
        !name.is_empty() && !name.contains([';', '\n', '\r']),
        "{name:?} of {symbol:?}"
    );
    Outcome::Read
}
