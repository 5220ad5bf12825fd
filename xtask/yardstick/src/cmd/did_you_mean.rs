//! Help for names that do not exist.

/// The candidate that somebody who typed `wanted` most likely means.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate: &str| {
        strsim::damerau_levenshtein(&wanted.to_lowercase(), &candidate.to_lowercase())
    };
    let most = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `title: `a`, `b`, … and 3 more`: what there is, in one line.
pub fn list_shortly<'a>(title: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() {
        return format!("{title}: none");
    }
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let rest = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{title}: {}{rest}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["pre", "post", "message/tell"];
        assert_eq!(nearest("per", known), Some("pre"));
        assert_eq!(nearest("mesage/tell", known), Some("message/tell"));
        assert_eq!(nearest("Post", known), Some("post"));
        assert_eq!(nearest("baseline", known), None);
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        let line = list_shortly("ids", names.iter().map(String::as_str));
        assert!(line.ends_with("`7` and 2 more"), "{line}");
        assert_eq!(list_shortly("ids", []), "ids: none");
    }
}
