use std::collections::BTreeMap;

use super::*;
use crate::model::{benchmark::BenchmarkKey, selftest::Injection};

fn question(aspect: Aspect) -> Question {
    Question {
        key: BenchmarkKey {
            package: "p".to_owned(),
            suite: "s".to_owned(),
            id: "ping_pong".to_owned(),
        },
        aspect,
    }
}

fn tally(found: u32, unchanged: u32, undecided: u32, wrong: u32) -> Tally {
    Tally {
        found,
        wrong,
        unchanged,
        undecided,
    }
}

fn injected(percent: u32, work: Pair<Tally>) -> Injected {
    let parallel = Pair {
        ours: tally(0, 3, 1, 0),
        criterion: Tally::default(),
    };
    Injected {
        injection: Injection {
            margin: 0.02,
            percent,
        },
        suites: 4,
        suites_with_false_verdicts: Pair {
            ours: 0,
            criterion: 3,
        },
        seconds_per_verdict: 4.26,
        work,
        half_width: Some(0.0043),
        questions: BTreeMap::from([
            (question(Aspect::Work), work),
            (question(Aspect::Parallel), parallel),
        ]),
    }
}

fn both() -> [Injected; 2] {
    let nothing = Pair {
        ours: tally(0, 4, 0, 0),
        criterion: tally(0, 1, 0, 3),
    };
    let three = Pair {
        ours: tally(3, 0, 1, 0),
        criterion: tally(1, 1, 0, 2),
    };
    [injected(0, nothing), injected(3, three)]
}

#[test]
fn a_terminal_shows_natures_by_changes_and_the_sums() {
    let expected = format!(
        "\
Verdicts at a margin of 2 %
  benchmark             verdict of    0 %       3 %
  ping_pong             Yardstick      4=     3✓ 1?
                        Criterion   1= 3✗  1✓ 1= 2✗
  ping_pong (parallel)  Yardstick   3= 1?     3= 1?

{LEGEND}

All questions about the work
  margin  more work  verdict of  suites  with a false one   found  unchanged  undecided   false  time a verdict  ± (median)
     2 %        0 %  Yardstick        4                 0       –    100.0 %      0.0 %   0.0 %           4.3 s      0.43 %
                     Criterion        4                 3       –     25.0 %      0.0 %  75.0 %
     2 %        3 %  Yardstick        4                 0  75.0 %      0.0 %     25.0 %   0.0 %           4.3 s      0.43 %
                     Criterion        4                 3  25.0 %     25.0 %      0.0 %  50.0 %
"
    );
    assert_eq!(terminal(&both()), expected);
}

#[test]
fn markdown_has_the_same_cells() {
    let text = markdown(&both());
    for row in [
        "| ping_pong | Yardstick | 4= | 3✓ 1? |",
        "|  | Criterion | 1= 3✗ | 1✓ 1= 2✗ |",
        "| 2 % | 3 % | Yardstick | 4 | 0 | 75.0 % | 0.0 % | 25.0 % | 0.0 % | 4.3 s | 0.43 % |",
    ] {
        assert!(text.contains(row), "{text}");
    }
}

#[test]
fn margins_have_a_table_each() {
    let mut injected = both();
    injected[1].injection.margin = 0.01;
    let text = terminal(&injected);
    assert!(text.contains("margin of 2 %") && text.contains("margin of 1 %"));
}
