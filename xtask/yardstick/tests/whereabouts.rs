//! Where the time went, with real builds and recordings: a function that a change made slower is named, one that no
//! change touched is not, and what a signal leaves can be completed.

#![allow(clippy::disallowed_methods, reason = "tests meet the machine itself")]

#[path = "whereabouts/repository.rs"]
mod repository;

use repository::Repository;

#[test]
fn a_function_that_does_a_fifth_more_is_named_and_the_recordings_are_read_again() {
    let repository = Repository::new();
    repository.change();
    let ended = repository.compare(&["HEAD~1", "HEAD"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("where did the time go?"), "{ended:?}");
    let told = ended.stdout.split_once("\nWhere the time went\n");
    let (_, told) = told.expect("it is told");
    assert!(told.contains("second"), "{told}");
    let beyond = repository.beyond_chance();
    let second = beyond.iter().find(|(name, _)| name == "app::second");
    let more = second.map_or(0.0, |(_, share)| *share);
    assert!((0.02..0.15).contains(&more), "{beyond:?}");
    let replayed = repository.compare(&["HEAD~1", "HEAD", "--replay"]);
    assert!(replayed.stdout.contains(told), "{replayed:?}");
    repository.damage("after-2.stacks");
    let refused = repository.compare(&["HEAD~1", "HEAD", "--replay"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let damage = "are damaged: `after-2.stacks`";
    assert!(refused.stderr.contains(damage), "{refused:?}");
}

#[test]
fn ctrl_c_keeps_the_recordings_so_far_leaves_no_process_and_more_completes_them() {
    let repository = Repository::new();
    let asked = ["HEAD", "HEAD", "--measure-identical", "--where", "steps"];
    let ended = repository.interrupt_after_pairs(1, &asked);
    assert_eq!(ended.code, Some(130), "{ended:?}");
    let kept = "the verdicts and the recordings so far are kept";
    assert!(ended.stderr.contains(kept), "{ended:?}");
    assert!(!repository.is_running(), "a process is left");
    let pairs = repository.pairs();
    assert!((1..6).contains(&pairs), "{pairs} pairs are kept");
    let more = ["HEAD", "HEAD", "--more", "--where", "steps"];
    let ended = repository.compare(&more);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(repository.pairs(), 6);
    // Both sides are the same. One function in twenty of those that are named may be named by chance, and then by little.
    let beyond = repository.beyond_chance();
    let most = beyond
        .iter()
        .map(|(_, share)| share.abs())
        .fold(0.0, f64::max);
    assert!(most < 0.03, "{beyond:?}");
}
