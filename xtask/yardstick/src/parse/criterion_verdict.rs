//! What Criterion prints about benchmarks and their baselines, versions 0.4 to 0.8.

use std::collections::BTreeMap;

use crate::model::selftest::CriterionVerdict;

/// Its sentences, each on a line of its own.
const SENTENCES: [(&str, CriterionVerdict); 4] = [
    ("Performance has regressed.", CriterionVerdict::Regressed),
    ("Performance has improved.", CriterionVerdict::Improved),
    (
        "Change within noise threshold.",
        CriterionVerdict::WithinNoise,
    ),
    (
        "No change in performance detected.",
        CriterionVerdict::NoChange,
    ),
];

/// The verdicts on these benchmarks in what a run with `--baseline` printed to stdout, which is no terminal.
pub fn verdicts(stdout: &str, ids: &[String]) -> BTreeMap<String, CriterionVerdict> {
    let mut verdicts = BTreeMap::new();
    let mut current = None;
    for line in stdout.lines() {
        current = ids.iter().find(|id| is_about(line, id)).or(current);
        let sentence = SENTENCES
            .iter()
            .find(|(sentence, _)| line.trim() == *sentence);
        if let (Some(id), Some((_, verdict))) = (current, sentence) {
            verdicts.insert(id.clone(), *verdict);
        }
    }
    verdicts
}

/// Whether a line begins what is printed about a benchmark: its id, and its time where there is room for it.
fn is_about(line: &str, id: &str) -> bool {
    line.strip_prefix(id).is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.is_empty() || rest.starts_with("time:")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Criterion 0.8.2 printed it, but for a longer name.
    const PRINTED: &str = include_str!("criterion_verdict/printed.txt");

    #[test]
    fn every_sentence_belongs_to_the_benchmark_that_was_named_before_it() {
        let expected = [
            (
                "a_benchmark/whose_id_has_a_line_of_its_own",
                CriterionVerdict::NoChange,
            ),
            ("allocation", CriterionVerdict::Improved),
            ("arithmetic", CriterionVerdict::Regressed),
            ("end_to_end", CriterionVerdict::WithinNoise),
        ]
        .map(|(id, verdict)| (id.to_owned(), verdict));
        // One id is the beginning of another, and one did not run.
        let mut ids: Vec<String> = expected.iter().map(|(id, _)| id.clone()).collect();
        ids.extend(["arith".to_owned(), "absent".to_owned()]);
        assert_eq!(verdicts(PRINTED, &ids), BTreeMap::from(expected));
    }

    #[test]
    fn a_run_without_a_baseline_has_no_verdicts() {
        let printed = "a                       time:   [1.0 ns 1.1 ns 1.2 ns]\n";
        assert!(verdicts(printed, &["a".to_owned()]).is_empty());
    }
}
