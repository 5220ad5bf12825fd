//! Whether the names in the manifest's margins exist.

use std::collections::BTreeSet;

use crate::{
    cmd::{
        Context,
        compare::{request::Rounds, sides::Prepared},
        did_you_mean::nearest,
    },
    model::{comparison::Sides, question::Margins},
};

/// Warns of margins for suites and benchmarks that neither side has: they would never hold.
pub fn warn_of_unknown(
    context: &Context<'_>,
    margins: &Margins,
    sides: Sides<&Prepared>,
    request: &Rounds,
) {
    let sides = [sides.before, sides.after];
    let suites = sides.iter().flat_map(|side| &side.workspace.suites);
    let labels: BTreeSet<&str> = suites.map(|suite| suite.label.as_str()).collect();
    // What was not listed may be there.
    let selects = &request.selection;
    let lists_all = request.filter.is_none()
        && selects.packages.is_empty()
        && selects.suites.is_empty()
        && sides
            .iter()
            .all(|side| side.unbuilt.is_empty() && side.hidden.is_empty());
    let runnables = sides.iter().flat_map(|side| &side.runnables);
    let ids: BTreeSet<&str> = runnables
        .flat_map(|runnable| &runnable.ids)
        .map(String::as_str)
        .collect();
    for warning in unknown(margins, &labels, lists_all.then_some(&ids)) {
        context.warn(&warning);
    }
}

fn unknown(
    margins: &Margins,
    suite_labels: &BTreeSet<&str>,
    ids: Option<&BTreeSet<&str>>,
) -> Vec<String> {
    let complain = |kind: &str, name: &str, known: &BTreeSet<&str>| {
        let meant = nearest(name, known.iter().copied());
        let meant = meant.map(|near| format!("; did you mean `{near}`?"));
        format!(
            "the manifest has a margin for the {kind} `{name}`, which neither side has{}",
            meant.unwrap_or_default()
        )
    };
    let suites = margins.suites.keys();
    let suites = suites
        .filter(|name| !suite_labels.contains(name.as_str()))
        .map(|name| complain("suite", name, suite_labels));
    let benchmarks = ids.into_iter().flat_map(|ids| {
        let named = margins.benchmarks.keys();
        named
            .filter(|name| !ids.contains(name.as_str()))
            .map(move |name| complain("benchmark", name, ids))
    });
    suites.chain(benchmarks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::question::Margin;

    #[test]
    fn names_that_do_not_exist_are_told_with_the_ones_that_are_meant() {
        let mut margins = Margins::default();
        for name in ["e2e", "mesage"] {
            margins.suites.insert(name.to_owned(), Margin::of(0.1));
        }
        margins
            .benchmarks
            .insert("gone".to_owned(), Margin::of(0.1));
        let suites = BTreeSet::from(["e2e", "message"]);
        let ids = BTreeSet::from(["a", "b"]);
        let all = unknown(&margins, &suites, Some(&ids));
        assert_eq!(
            all,
            [
                "the manifest has a margin for the suite `mesage`, which neither side has; did you mean `message`?",
                "the manifest has a margin for the benchmark `gone`, which neither side has",
            ]
        );
        assert_eq!(unknown(&margins, &suites, None).len(), 1);
    }
}
