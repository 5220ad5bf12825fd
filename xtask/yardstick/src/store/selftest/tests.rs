use super::*;
use crate::model::{
    machine::{Circumstance, Identity, Machine},
    revision::{Build, Features, Provenance, Revision},
};

fn selftest() -> Selftest {
    let key = BenchmarkKey {
        package: "benches".to_owned(),
        suite: "selftest".to_owned(),
        id: "ping_pong".to_owned(),
    };
    let judged = |aspect, claim| Judged {
        question: Question {
            key: key.clone(),
            aspect,
        },
        claim,
        change: Some(0.1 + 0.2),
        half_width: None,
        rounds: 14,
        process_seconds: 1.0 / 3.0,
    };
    let one = Try {
        injection: Injection {
            margin: 0.02,
            percent: 3,
        },
        slowed: Slowed::Before,
        ours: vec![
            judged(Aspect::Work, Claim::Improved),
            judged(Aspect::Parallel, Claim::Undecided),
        ],
        ours_seconds: 4.5,
        criterion: vec![CriterionJudged {
            key,
            verdict: CriterionVerdict::WithinNoise,
        }],
        criterion_seconds: 4.5,
    };
    let run = |tries| Run {
        provenance: provenance(),
        tries,
    };
    Selftest {
        runs: vec![run(vec![one.clone(), one.clone()]), run(vec![one])],
    }
}

fn provenance() -> Provenance {
    Provenance {
        measured_at: "2026-11-21T00:00:00Z".to_owned(),
        command: vec!["selftest".to_owned()],
        revision: Some(Revision {
            commit: "c0ffee".to_owned(),
            branch: None,
            dirty_tree: None,
        }),
        build: Build {
            rustc: vec!["rustc 1.95.0".to_owned()],
            cargo_profile: "bench".to_owned(),
            features: Features::default(),
            rustflags: Vec::new(),
            lockfile_sha256: None,
        },
        machine: Machine {
            identity: Identity {
                cpu_model: "a CPU".to_owned(),
                cores: 2,
                architecture: "x86_64".to_owned(),
                operating_system: "linux".to_owned(),
            },
            circumstance: Circumstance {
                kernel: "6.1".to_owned(),
                governor: None,
                turbo: None,
                load_1min: 0.5,
                hypervisor: None,
                on_battery: None,
            },
        },
        executables: Vec::new(),
    }
}

#[test]
fn what_is_stored_is_read_as_it_was() {
    let selftest = selftest();
    assert_eq!(decode(&encode(&selftest)), Ok(selftest));
}

#[test]
fn every_try_has_a_line_of_its_own() {
    let text = String::from_utf8(encode(&selftest())).expect("UTF-8");
    let tries = text.lines().filter(|line| line.starts_with("{\"margin\""));
    assert_eq!(tries.count(), 3);
}

#[test]
fn what_is_cut_or_of_another_format_is_refused() {
    let bytes = encode(&selftest());
    let cut = decode(&bytes[..bytes.len() - 9]).expect_err("it is cut");
    assert!(cut.to_string().contains(PATH), "{cut}");
    let other = decode(b"{\"format\":999,\"runs\":[]}").expect_err("another format");
    assert!(other.to_string().contains("format 999"), "{other}");
}
