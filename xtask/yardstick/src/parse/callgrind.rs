//! What callgrind counted.

/// The instructions in a profile that callgrind wrote; `None` where it is none, or counts something else first.
pub fn instructions(profile: &str) -> Option<u64> {
    let field = |name: &str| profile.lines().find_map(|line| line.strip_prefix(name));
    let counts_instructions = field("events:")?.split_ascii_whitespace().next() == Some("Ir");
    let totals = field("totals:")?.split_ascii_whitespace().next()?;
    counts_instructions.then(|| totals.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_that_of_instructions() {
        let profile = "# callgrind format\nversion: 1\npositions: line\nevents: Ir\nsummary: 21098\n\nfn=(1) a\n+1 2\n\ntotals: 21098\n";
        assert_eq!(instructions(profile), Some(21_098));
        assert_eq!(
            instructions(&profile.replace("events: Ir", "events: Ir Dr")),
            Some(21_098)
        );
        assert_eq!(
            instructions(&profile.replace("events: Ir", "events: Dr")),
            None
        );
    }

    #[test]
    fn what_is_cut_off_counts_nothing() {
        assert_eq!(instructions(""), None);
        assert_eq!(instructions("events: Ir\nsummary: 21098\n"), None);
    }
}
