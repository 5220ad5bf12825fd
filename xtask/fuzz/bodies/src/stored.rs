//! The stored forms. Their checksums are put right first, or no change would get past them.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use yardstick::{
    analysis::verdict::{self, Extent},
    store::{self, settlement, whereabouts},
};

use crate::{Outcome, folder, written_out};

/// What stands in the seeds where a checksum or a list of files belongs.
const NO_CHECKSUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const FILES: &str = "\"FILES\"";
const COUNT: &str = "\"COUNT\"";
const ROUNDS: &str = "ROUNDS";

/// A capture: what is read can be written, and is read as the same again.
pub(crate) fn capture(bytes: &[u8]) -> Outcome {
    let Ok(stored) = store::decode("fuzz", &listed(folder::files(bytes), "manifest.json")) else {
        return Outcome::Refused;
    };
    let again = store::decode("fuzz", &store::encode(&stored));
    let again = again.expect("what was written can be read");
    assert_eq!(written_out(&again), written_out(&stored));
    Outcome::Read
}

/// What was recorded after the verdicts, in the folder that the file `folder` says: what is read can be written, and is
/// read as the same again.
pub(crate) fn recordings(bytes: &[u8]) -> Outcome {
    let mut files = folder::files(bytes);
    let shown = files.remove("folder").unwrap_or_default();
    let shown = String::from_utf8_lossy(&shown).trim_end().to_owned();
    let Ok(read) = whereabouts::decode(&shown, &listed(files, "recordings.json")) else {
        return Outcome::Refused;
    };
    let again = whereabouts::decode(&shown, &whereabouts::encode(&read));
    let again = again.expect("what was written can be read");
    assert_eq!(written_out(&again), written_out(&read));
    Outcome::Read
}

/// The files, of which one lists the others with their checksums.
fn listed(mut files: BTreeMap<String, Vec<u8>>, list: &str) -> BTreeMap<String, Vec<u8>> {
    if let Some(text) = files.remove(list) {
        let others = files.iter().map(|(path, bytes)| {
            let length = bytes.len();
            let sha256 = sha256(bytes);
            format!("{path:?}: {{\"bytes\": {length}, \"sha256\": \"{sha256}\"}}")
        });
        let others = format!("{{{}}}", others.collect::<Vec<_>>().join(", "));
        let text = String::from_utf8_lossy(&text).replacen(FILES, &others, 1);
        files.insert(list.to_owned(), sealed(&text));
    }
    files
}

/// A comparison by rounds: what is read can be written, and is read as the same again; its answers can be found anew.
pub(crate) fn settlement(bytes: &[u8]) -> Outcome {
    let files = folder::files(bytes);
    let file = |name: &str| files.get(name).map(Vec::as_slice).unwrap_or_default();
    let journal = journal(&String::from_utf8_lossy(file(settlement::ROUNDS)));
    let count = journal.lines().count().to_string();
    let text = String::from_utf8_lossy(file(settlement::SETTLEMENT))
        .replacen(COUNT, &count, 1)
        .replacen(ROUNDS, &sha256(journal.as_bytes()), 1);
    let Ok(read) = settlement::decode("fuzz", &sealed(&text), journal.as_bytes()) else {
        return Outcome::Refused;
    };
    let lines: Vec<Vec<u8>> = read.rounds.iter().map(settlement::encode_round).collect();
    let again = settlement::decode("fuzz", &settlement::encode(&read), &lines.concat());
    let again = again.expect("what was written can be read");
    assert_eq!(written_out(&again), written_out(&read));
    let _ = verdict::answers(&read.plan, &read.rounds, Extent::FirstRun);
    Outcome::Read
}

/// The lines with their checksums.
fn journal(rounds: &str) -> String {
    let line = |round: &str| {
        let check = &sha256(round.as_bytes())[..16];
        format!("{{\"check\":\"{check}\",\"round\":{round}}}\n")
    };
    rounds.lines().map(line).collect()
}

/// A self-test: what is read can be written, and is read as the same again.
pub(crate) fn selftest(bytes: &[u8]) -> Outcome {
    let Ok(read) = store::selftest::decode(bytes) else {
        return Outcome::Refused;
    };
    let again = store::selftest::decode(&store::selftest::encode(&read));
    let again = again.expect("what was written can be read");
    assert_eq!(written_out(&again), written_out(&read));
    Outcome::Read
}

fn sealed(text: &str) -> Vec<u8> {
    text.replacen(NO_CHECKSUM, &sha256(text.as_bytes()), 1)
        .into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
