//! A checksum inside of the file that it proves to be whole.

use crate::model::digest::sha256;

/// What stands for the checksum while it is computed, and in what is to be sealed.
pub(super) const NO_CHECKSUM: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// Puts the checksum in its place: the first one that holds [`NO_CHECKSUM`].
pub(super) fn seal(text: &str) -> Vec<u8> {
    text.replacen(NO_CHECKSUM, &sha256(text.as_bytes()), 1)
        .into_bytes()
}

/// Checks a sealed text that says it has this checksum.
///
/// # Errors
/// If it has another; in words.
pub(super) fn check(text: &str, checksum: &str) -> Result<(), String> {
    let found = sha256(text.replacen(checksum, NO_CHECKSUM, 1).as_bytes());
    match found == checksum {
        true => Ok(()),
        false => Err(format!("found:  sha256 {found}\nwanted: sha256 {checksum}")),
    }
}
