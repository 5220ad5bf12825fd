//! Refused recordings, in words.

use camino::Utf8Path;

use crate::{
    model::profile::{NoSymbols, Quality, Refusal, UnsymbolisedModule},
    problem::Problem,
};

/// What the user is told about a recording of the benchmark `id` in `executable` that is refused.
pub fn problem(refusal: &Refusal, id: &str, executable: &Utf8Path) -> Problem {
    match refusal {
        Refusal::NoSamples => Problem::failure(format!("the recording of `{id}` holds no samples of it"))
            .hint("record longer: `--duration 30`; a benchmark that only waits uses no CPU to be sampled"),
        Refusal::Unsymbolised { share, worst } => unsymbolised(*share, worst, id, executable),
        Refusal::MeasuredCrateAbsent => {
            Problem::failure(format!("the recording of `{id}` holds no function of this workspace"))
                .fact("every sample lies in other crates or in libraries")
                .hint("check that the recording is of this benchmark, and that its Cargo profile keeps debug information (`debug = 1`)")
        }
        Refusal::NothingMeasured { trimmed } => {
            Problem::failure(format!("the recording of `{id}` holds nothing but the harness"))
                .fact(format!("{trimmed} samples lie in set-up, statistics or nowhere, and none below `Bencher::iter` or in a task"))
                .hint("record longer: `--duration 30`; an imported recording needs `--bench --profile-time 10` and one benchmark id")
        }
        Refusal::Harness { share, example } => {
            Problem::failure(format!("the harness is in the profile of `{id}`"))
                .fact(format!("found:  {:.1} % of the samples, e.g. in `{example}`", 100.0 * share))
                .fact(format!("wanted: {:.0} % at most", 100.0 * Quality::MAX_HARNESS_SHARE))
                .hint("let the routine do more per iteration, so that the harness's own loop weighs less")
        }
    }
}

fn unsymbolised(
    share: f64,
    worst: &[UnsymbolisedModule],
    id: &str,
    executable: &Utf8Path,
) -> Problem {
    let mut problem = Problem::failure(format!(
        "too few frames of the recording of `{id}` have a name"
    ))
    .fact(format!("found:  {:.1} % of the frames", 100.0 * share))
    .fact(format!(
        "wanted: {:.0} % at least",
        100.0 * Quality::MIN_SYMBOLISED_SHARE
    ));
    for module in worst {
        let UnsymbolisedModule {
            path,
            frames,
            reason,
        } = module;
        problem = problem.fact(format!("`{path}`: {frames} frames; {}", why(*reason)));
    }
    let worst = worst.first();
    problem.hint(match worst.map(|module| module.reason) {
        Some(NoSymbols::Stripped) if worst.is_some_and(|module| module.path == *executable) => {
            "set `debug = 1` and `strip = false` in the Cargo profile that records"
        }
        Some(NoSymbols::Stripped) => "install the debug symbols of this library",
        Some(NoSymbols::Rebuilt) => "record again: names come from the file as it is now",
        Some(NoSymbols::Unreadable) => {
            "keep the file where it was recorded until the profile is made"
        }
        _ => {
            "record with `--sampler perf-event`, whose stacks are checked against the unwind tables"
        }
    })
}

fn why(reason: NoSymbols) -> &'static str {
    match reason {
        NoSymbols::Unreadable => "it cannot be read",
        NoSymbols::Rebuilt => "it is not the file that was recorded, but another build",
        NoSymbols::Stripped => "it is stripped of symbols",
        NoSymbols::NoMatch => "its symbols do not cover these addresses",
        NoSymbols::Unmapped => "no file is mapped there",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stripped_executable_is_named_as_such() {
        let refusal = Refusal::Unsymbolised {
            share: 0.25,
            worst: vec![UnsymbolisedModule {
                path: "/target/e2e".to_owned(),
                frames: 3_000,
                reason: NoSymbols::Stripped,
            }],
        };
        assert_eq!(
            problem(&refusal, "e2e/linear", Utf8Path::new("/target/e2e")).to_string(),
            "too few frames of the recording of `e2e/linear` have a name\n  \
             found:  25.0 % of the frames\n  \
             wanted: 95 % at least\n  \
             `/target/e2e`: 3000 frames; it is stripped of symbols\n\n\
             hint: set `debug = 1` and `strip = false` in the Cargo profile that records"
        );
    }

    #[test]
    fn every_refusal_names_the_benchmark_and_what_helps() {
        let refusals = [
            Refusal::NoSamples,
            Refusal::MeasuredCrateAbsent,
            Refusal::NothingMeasured { trimmed: 7 },
            Refusal::Harness {
                share: 0.2,
                example: "criterion::f".to_owned(),
            },
            Refusal::Unsymbolised {
                share: 0.0,
                worst: Vec::new(),
            },
        ];
        for refusal in refusals {
            let text = problem(&refusal, "e2e/linear", Utf8Path::new("/target/e2e")).to_string();
            assert!(
                text.contains("`e2e/linear`") && text.contains("\n\nhint: "),
                "{text}"
            );
        }
    }
}
