//! Whether two captures come from one machine.

use std::collections::BTreeSet;

use crate::model::{
    capture::Capture,
    comparison::{Disagreement, Sides},
    machine::Identity,
};

use super::parts;

/// What is asked of a machine, and how it is answered.
type Question = (&'static str, fn(&Identity) -> String);

/// What differs between the machines of two captures; nothing where their times may be
/// put side by side. A capture without any part agrees with every other.
pub fn disagreements(captures: Sides<&Capture>) -> Vec<Disagreement> {
    let questions: [Question; 3] = [
        ("cpu", |identity| {
            format!("{} ({} cores)", identity.cpu_model, identity.cores)
        }),
        ("arch", |identity| identity.architecture.clone()),
        ("system", |identity| identity.operating_system.clone()),
    ];
    questions
        .into_iter()
        .filter_map(|(what, question)| {
            let values = captures.map(|capture| distinct(capture, question));
            let differ = values.before != values.after
                && !values.before.is_empty()
                && !values.after.is_empty();
            differ.then(|| Disagreement {
                what,
                values: values.map(|values| values.into_iter().collect::<Vec<_>>().join(", ")),
            })
        })
        .collect()
}

/// The machine of the first part of either capture.
pub(super) fn machine(captures: Sides<&Capture>) -> Option<Identity> {
    parts(captures.before)
        .chain(parts(captures.after))
        .next()
        .map(|part| part.machine.identity.clone())
}

fn distinct(capture: &Capture, question: fn(&Identity) -> String) -> BTreeSet<String> {
    parts(capture)
        .map(|part| question(&part.machine.identity))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::capture;
    use super::*;

    #[test]
    fn captures_of_one_machine_agree() {
        let (before, after) = (capture("pre"), capture("post"));
        assert_eq!(
            disagreements(Sides {
                before: &before,
                after: &after
            }),
            []
        );
    }

    #[test]
    fn another_cpu_is_a_disagreement_that_names_both() {
        let before = capture("pre");
        let mut after = capture("post");
        after.runs[0].provenance.machine.identity.cpu_model = "Intel Xeon 8488C".to_owned();
        let found = disagreements(Sides {
            before: &before,
            after: &after,
        });
        assert_eq!(
            found,
            [Disagreement {
                what: "cpu",
                values: Sides {
                    before: "AMD EPYC 7R13 (16 cores)".to_owned(),
                    after: "Intel Xeon 8488C (16 cores)".to_owned(),
                },
            }]
        );
    }

    #[test]
    fn a_capture_that_mixes_machines_disagrees_with_one_that_does_not() {
        let before = capture("pre");
        let mut after = capture("post");
        let mut foreign = after.runs[0].clone();
        foreign.provenance.machine.identity.cores = 2;
        after.runs.push(foreign);
        assert_eq!(
            disagreements(Sides {
                before: &before,
                after: &after
            })
            .len(),
            1
        );
    }
}
