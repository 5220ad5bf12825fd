//! Reports to open, made from settlements whose rounds are made here.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use yardstick::{
    analysis::{opinions::explain, verdict},
    model::{
        comparison::{ProfileOutcome, ProfileRow},
        settlement::Settlement,
    },
    render::{report, settlement::Report},
};

use super::{
    difference::difference,
    fixture::{self, Course, disturbed, settlement, two_modes},
};

/// A report in a file.
pub(crate) struct Page {
    file: PathBuf,
}

impl Page {
    fn of(name: &str, settlement: &Settlement, profiles: Vec<ProfileRow>) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("{name}.html"));
        fs::write(&file, html(settlement, profiles)).expect("writable");
        Self { file }
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    pub(crate) fn name(&self) -> &str {
        let name = self.file.file_name().and_then(|name| name.to_str());
        name.expect("it has a name")
    }

    /// Another file in its folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.file.with_file_name(name)
    }

    /// In bytes.
    pub(crate) fn size(&self) -> u64 {
        fs::metadata(&self.file).expect("it is there").len()
    }
}

fn html(settlement: &Settlement, profiles: Vec<ProfileRow>) -> String {
    let mut opinions = BTreeMap::new();
    for answer in &settlement.answers {
        let key = &answer.question.key;
        if let Some(counts) = settlement.second_opinions.get(key) {
            opinions.insert(key.clone(), explain(answer, counts));
        }
    }
    let rounds = settlement.rounds.iter();
    report::html(&Report {
        settlement,
        overall: verdict::overall(&settlement.answers),
        opinions,
        dropped: rounds
            .filter_map(|round| verdict::dropped(&settlement.plan, round))
            .collect(),
        profiles,
        courses: verdict::courses(settlement),
        program: "cargo xtask",
        stored: (1, "profiles/comparisons/pre..post/1".to_owned()),
    })
}

/// One of everything that can come out.
pub(crate) fn everything() -> Page {
    let recorded = |suite: &str, id: &str, outcome| ProfileRow {
        key: fixture::key(suite, id),
        outcome,
    };
    let one_side = vec!["`pre` has too few samples".to_owned()];
    let profiles = vec![
        recorded("e2e", "e2e/linear", compared(12_280.0, 13_770.0, 120)),
        recorded(
            "memory",
            "memory/actor",
            ProfileOutcome::NotComparable(one_side),
        ),
    ];
    Page::of("everything", &fixture::everything(), profiles)
}

fn compared(before_ns: f64, after_ns: f64, functions: usize) -> ProfileOutcome {
    ProfileOutcome::Compared(Box::new(difference(before_ns, after_ns, functions)))
}

/// As many benchmarks as a large workspace has, with as many rounds as are ever planned.
pub(crate) fn fifty_benchmarks() -> Page {
    let courses: Vec<Course> = (0..50)
        .map(|number| {
            let course = Course::new(
                ["e2e", "memory", "message", "store", "workflow"][number % 5],
                &format!("group_{}/benchmark_{number}", number % 7),
            );
            let level = 37.0 * 1.4_f64.powi(number as i32 % 30);
            let course = match number % 10 {
                0 => course.changes(level, 1.0 + number as f64 / 100.0),
                1 => course.changes(level, 0.9),
                2 => course.changes(level, 1.0).but(two_modes),
                3 => course.changes(level, 1.0).scatters(0.2),
                4 => course.changes(level, 1.03).but(disturbed),
                _ => course.changes(level, 1.0),
            };
            course.stops_after(120)
        })
        .collect();
    let keys = courses.iter().map(|course| course.key.clone());
    let profiles = keys
        .enumerate()
        .map(|(number, key)| ProfileRow {
            key,
            outcome: compared(5_000.0, 5_000.0 + 40.0 * number as f64, 400),
        })
        .collect();
    Page::of("fifty", &settlement(&courses), profiles)
}
