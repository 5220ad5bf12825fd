use super::*;
use crate::{
    analysis::verdict::looks,
    model::{
        benchmark::BenchmarkKey,
        question::{Aspect, Margin, Question, Tail},
        round::{Failure, Guards, Observation},
        units::Unit,
    },
};

/// A machine whose processes take what is asked of it, with a little noise.
struct Simulated {
    /// After over before, by id.
    ratios: BTreeMap<String, f64>,
    crashing: BTreeSet<String>,
    /// While these run, others use most of their CPU.
    starved: BTreeSet<String>,
    noise: Draws,
    processes: u32,
    interrupted_after: u32,
    laid_out: Vec<Sides<u64>>,
}

impl Simulated {
    fn new(ratios: &[(&str, f64)]) -> Self {
        Self {
            ratios: ratios
                .iter()
                .map(|(id, ratio)| ((*id).to_owned(), *ratio))
                .collect(),
            crashing: BTreeSet::new(),
            starved: BTreeSet::new(),
            noise: Draws::new(99),
            processes: 0,
            interrupted_after: u32::MAX,
            laid_out: Vec::new(),
        }
    }
}

impl Executor for Simulated {
    fn lay_out(&mut self, _: &Suite, seeds: Sides<u64>) -> Result<Sides<Option<u64>>> {
        self.laid_out.push(seeds);
        Ok(seeds.map(Some))
    }

    fn run(&mut self, process: &Process<'_>) -> Result<Vec<Half>> {
        self.processes += 1;
        if self.processes > self.interrupted_after {
            return Err(Problem::interrupted(ExitCode::Interrupted, "interrupted").into());
        }
        let half = |planned: &&Planned| {
            let id = &planned.question.key.id;
            let noise = f64::from(
                self.noise
                    .padding_bytes(&planned.question, self.processes)
                    .before,
            ) / 4096.0
                - 0.5;
            let ratio = match process.role {
                First::Before => 1.0,
                First::After => self.ratios[id],
            };
            let level = 100.0 * ratio * (1.0 + 0.01 * noise);
            Half {
                result: match self.crashing.contains(id) && process.role == First::After {
                    true => Err(Failure::Crashed {
                        exit: "exit code 101".to_owned(),
                        output: "boom".to_owned(),
                    }),
                    false => Ok(Observation {
                        per_iteration: (0..30)
                            .map(|n| level * (1.0 + f64::from(n) / 3e4))
                            .collect(),
                        tail: None,
                    }),
                },
                guards: Guards {
                    foreign_share: if self.starved.contains(id) { 0.9 } else { 0.1 },
                    ..Guards::default()
                },
                layout_seed: process.layout_seed,
                padding_bytes: process.padding_bytes,
            }
        };
        Ok(process.group.iter().map(half).collect())
    }

    fn elapsed_seconds(&self) -> f64 {
        f64::from(self.processes) * 0.1
    }
}

struct Quiet;

impl Witness for Quiet {
    fn round(&mut self, _: &Round) -> Result<()> {
        Ok(())
    }

    fn progress(&mut self, _: usize, _: &Planned, _: u32) {}
}

fn suite() -> Suite {
    Suite {
        package: "p".to_owned(),
        name: "s".to_owned(),
        required_features: Vec::new(),
        label: "s".to_owned(),
    }
}

fn plan(ids: &[&str]) -> Plan {
    let questions = ids.iter().enumerate().map(|(group, id)| Planned {
        question: Question {
            key: BenchmarkKey {
                package: "p".to_owned(),
                suite: "s".to_owned(),
                id: (*id).to_owned(),
            },
            aspect: Aspect::Work,
        },
        renamed_from: None,
        unit: Unit::Nanoseconds,
        margin: Margin::of(0.02),
        tail: Tail::Unknown,
        cpu: Some(0),
        arguments: Sides::default(),
        group,
        limit_seconds: 1.0,
        process_seconds: 0.1,
    });
    let questions: Vec<Planned> = questions.collect();
    let looks = looks(questions.len(), 0.05, Tail::Unknown);
    Plan {
        seed: 1,
        alpha: 0.05,
        looks: looks.rounds,
        first_run_looks: looks.first_run,
        shares: questions.len(),
        questions,
        tolerated_loss: 0.25,
    }
}

fn go(
    machine: &mut Simulated,
    plan: &Plan,
    rounds: &mut Vec<Round>,
    budget_seconds: f64,
) -> (End, Vec<Verdict>) {
    let course = Course {
        plan,
        extent: Extent::FirstRun,
        suites: &[suite()],
        budget_seconds,
    };
    let end = run(machine, course, rounds, &mut Quiet).expect("nothing fails");
    let verdicts = plan
        .questions
        .iter()
        .map(|planned| {
            let its: Vec<&Round> = rounds
                .iter()
                .filter(|round| round.question == planned.question)
                .collect();
            verdict::answer(plan, planned, &its, Extent::FirstRun).verdict
        })
        .collect();
    (end, verdicts)
}

#[test]
fn each_benchmark_gets_the_verdict_that_its_change_deserves() {
    let mut machine = Simulated::new(&[("slower", 1.05), ("faster", 0.95), ("same", 1.0)]);
    let plan = plan(&["slower", "faster", "same"]);
    let (end, verdicts) = go(&mut machine, &plan, &mut Vec::new(), 1e6);
    assert!(matches!(end, End::Done), "{end:?}");
    assert_eq!(
        verdicts,
        [Verdict::Regressed, Verdict::Improved, Verdict::Unchanged]
    );
}

#[test]
fn every_round_has_a_fresh_pair_of_layouts() {
    let mut machine = Simulated::new(&[("a", 1.0)]);
    let mut rounds = Vec::new();
    go(&mut machine, &plan(&["a"]), &mut rounds, 1e6);
    let seeds: BTreeSet<u64> = machine
        .laid_out
        .iter()
        .flat_map(|seeds| [seeds.before, seeds.after])
        .collect();
    assert_eq!(seeds.len(), 2 * rounds.len());
}

#[test]
fn a_benchmark_that_crashes_on_one_side_does_not_keep_the_others_from_their_verdict() {
    let mut machine = Simulated::new(&[("bad", 1.0), ("good", 1.0)]);
    machine.crashing.insert("bad".to_owned());
    let plan = plan(&["bad", "good"]);
    let (end, verdicts) = go(&mut machine, &plan, &mut Vec::new(), 1e6);
    assert!(matches!(end, End::Done), "{end:?}");
    assert!(
        matches!(
            &verdicts[0],
            Verdict::Undecided(Reason::Failed(sides)) if sides.before.is_none() && sides.after.is_some()
        ),
        "{:?}",
        verdicts[0]
    );
    assert_eq!(verdicts[1], Verdict::Unchanged);
}

#[test]
fn a_starved_benchmark_is_told_so_after_a_while_and_the_others_get_their_verdict() {
    let mut machine = Simulated::new(&[("starved", 1.05), ("fed", 1.05)]);
    machine.starved.insert("starved".to_owned());
    let plan = plan(&["starved", "fed"]);
    let mut rounds = Vec::new();
    let (end, verdicts) = go(&mut machine, &plan, &mut rounds, 1e6);
    assert!(matches!(end, End::Done), "{end:?}");
    assert!(
        matches!(
            verdicts[0],
            Verdict::Undecided(Reason::Starved { dropped }) if dropped == 2 * plan.looks[0]
        ),
        "{:?}",
        verdicts[0]
    );
    assert_eq!(verdicts[1], Verdict::Regressed);
}

#[test]
fn a_spent_budget_ends_the_loop_and_leaves_its_rounds() {
    let mut machine = Simulated::new(&[("a", 1.0), ("b", 1.0)]);
    let plan = plan(&["a", "b"]);
    let mut rounds = Vec::new();
    let (end, verdicts) = go(&mut machine, &plan, &mut rounds, 1.0);
    assert!(matches!(end, End::BudgetSpent), "{end:?}");
    assert_eq!(rounds.len(), 5);
    assert!(
        verdicts
            .iter()
            .all(|verdict| matches!(verdict, Verdict::Undecided(Reason::TooFewRounds { .. }))),
        "{verdicts:?}"
    );
}

#[test]
fn an_interrupted_run_keeps_its_rounds_and_goes_on_to_what_an_uninterrupted_one_finds() {
    let (ratios, plan) = ([("a", 1.05), ("b", 1.0)], plan(&["a", "b"]));
    let mut rounds = Vec::new();
    let mut interrupted = Simulated::new(&ratios);
    interrupted.interrupted_after = 7;
    let (end, _) = go(&mut interrupted, &plan, &mut rounds, 1e6);
    assert!(matches!(end, End::Interrupted(_)), "{end:?}");
    assert_eq!(
        rounds.len(),
        3,
        "a round of which only a half ran does not count"
    );
    let kept = rounds.clone();
    let (end, verdicts) = go(&mut Simulated::new(&ratios), &plan, &mut rounds, 1e6);
    assert!(matches!(end, End::Done), "{end:?}");
    assert_eq!(rounds[..3], kept[..]);
    assert_eq!(verdicts, [Verdict::Regressed, Verdict::Unchanged]);
    let mut layouts = BTreeSet::new();
    for round in &rounds {
        let halves = &round.halves;
        let pair = (
            &round.question,
            halves.before.layout_seed,
            halves.after.layout_seed,
        );
        assert!(layouts.insert(pair), "a layout was used again: {pair:?}");
    }
}

#[test]
fn a_benchmark_that_the_budget_cannot_bring_to_a_look_leaves_the_time_to_the_others() {
    let mut machine = Simulated::new(&[("cheap", 1.0), ("dear", 1.0)]);
    let mut plan = plan(&["cheap", "dear"]);
    plan.questions[1].process_seconds = 10.0;
    let (_, verdicts) = go(&mut machine, &plan, &mut Vec::new(), 4.0);
    assert_eq!(verdicts[0], Verdict::Unchanged);
    assert!(
        matches!(verdicts[1], Verdict::Undecided(Reason::TooFewRounds { .. })),
        "{:?}",
        verdicts[1]
    );
}
