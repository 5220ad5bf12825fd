use super::*;
use crate::model::{
    benchmark::BenchmarkKey,
    question::{Aspect, Margin, Question},
    verdict::{Grade, Reason},
};

fn answer(verdict: Verdict) -> Answer {
    Answer {
        question: Question {
            key: BenchmarkKey {
                package: "p".to_owned(),
                suite: "s".to_owned(),
                id: "x".to_owned(),
            },
            aspect: Aspect::Work,
        },
        margin: Margin::of(0.02),
        verdict,
        ground: None,
        grade: Grade::Pass,
        floor: None,
        typical: None,
        tail: Vec::new(),
        decisive_levels: None,
        levels: Some(Sides::from([400.0, 420.0])),
        modes: None,
        rounds: 10,
        dropped: 0,
        rounds_to_decide: None,
    }
}

fn opinion(instructions: Option<[f64; 2]>, allocations: Option<[f64; 2]>) -> SecondOpinion {
    SecondOpinion {
        allocations: allocations.map(Sides::from),
        allocated_bytes: None,
        instructions: instructions.map(Sides::from),
    }
}

fn explained(verdict: Verdict, opinion: &SecondOpinion) -> String {
    explain(&answer(verdict), opinion).join("; ")
}

#[test]
fn slower_with_the_same_counts_is_memory_or_contention() {
    let same = opinion(Some([1_000.0, 1_001.0]), Some([3.0, 3.0]));
    assert_eq!(
        explained(Verdict::Regressed, &same),
        "the same instructions and allocations per iteration: what it costs is memory or contention"
    );
    let without_probe = opinion(Some([1_000.0, 1_001.0]), None);
    assert_eq!(
        explained(Verdict::Regressed, &without_probe),
        "the same instructions per iteration: what it costs is memory or contention"
    );
}

#[test]
fn allocations_alone_that_are_the_same_explain_nothing() {
    let same = opinion(None, Some([3.0, 3.0]));
    assert_eq!(explained(Verdict::Regressed, &same), "");
}

#[test]
fn more_instructions_are_told_even_where_the_time_could_not_be() {
    let more = opinion(Some([1_034.0, 1_066.0]), None);
    assert_eq!(
        explained(Verdict::Undecided(Reason::Noise), &more),
        "3.1 % more instructions per iteration (1,034 → 1,066), though its time could not be told"
    );
    assert_eq!(
        explained(Verdict::Regressed, &more),
        "3.1 % more instructions per iteration (1,034 → 1,066)"
    );
}

#[test]
fn allocations_that_changed_are_told_and_their_bytes_only_without_them() {
    let mut more = opinion(Some([1_000.0, 1_000.0]), Some([0.0, 2.0]));
    more.allocated_bytes = Some(Sides::from([0.0, 128.0]));
    assert_eq!(
        explained(Verdict::Regressed, &more),
        "more allocations per iteration (0 → 2)"
    );
    more.allocations = Some(Sides::from([2.0, 2.0]));
    more.allocated_bytes = Some(Sides::from([64.0, 128.0]));
    assert_eq!(
        explained(Verdict::Regressed, &more),
        "100.0 % more allocated bytes per iteration (64 → 128)"
    );
    let fewer = opinion(None, Some([4.0, 2.5]));
    assert_eq!(
        explained(Verdict::Improved, &fewer),
        "37.5 % fewer allocations per iteration (4 → 2.5)"
    );
}

#[test]
fn what_is_unchanged_needs_no_explanation() {
    let more = opinion(Some([1_000.0, 2_000.0]), Some([1.0, 2.0]));
    assert_eq!(explained(Verdict::Unchanged, &more), "");
}

#[test]
fn without_counts_nothing_is_said() {
    let nothing = opinion(None, None);
    assert_eq!(explained(Verdict::Regressed, &nothing), "");
    assert_eq!(explained(Verdict::Undecided(Reason::Noise), &nothing), "");
}

#[test]
fn instructions_of_set_up_are_no_reason_to_blame_memory() {
    // 14,407 instructions do not fit into 400 ns.
    let same = opinion(Some([14_407.0, 14_407.0]), Some([3.0, 3.0]));
    assert_eq!(explained(Verdict::Regressed, &same), "");
    let more = opinion(Some([14_407.0, 14_600.0]), None);
    assert_eq!(
        explained(Verdict::Regressed, &more),
        "1.3 % more instructions with their set-up per iteration (14,407 → 14,600)"
    );
}

#[test]
fn buffers_that_grow_now_and_then_are_no_change() {
    let mut grown = opinion(None, Some([0.0002, 0.0005]));
    grown.allocated_bytes = Some(Sides::from([1_217.0, 920.0]));
    assert_eq!(explained(Verdict::Regressed, &grown), "");
}
