//! The help of every verb.

use super::check::Workspace;

const VERBS: [&str; 12] = [
    "bench",
    "profile",
    "compare",
    "capture",
    "capture list",
    "capture show",
    "capture export",
    "capture remove",
    "doctor",
    "tour",
    "selftest",
    "test",
];

#[test]
fn the_help_of_the_program() {
    Workspace::new().check("help", "--help");
}

#[test]
fn the_help_of_every_verb() {
    let workspace = Workspace::new();
    for verb in VERBS {
        let case = format!("help_{}", verb.replace(' ', "_"));
        workspace.check(&case, &format!("{verb} --help"));
    }
}

#[test]
fn a_verb_that_does_not_exist_is_a_usage_error() {
    Workspace::new().check("usage_unknown_verb", "comprae pre post");
}
