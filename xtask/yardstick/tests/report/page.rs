//! Reports to open, made from settlements whose rounds are made here.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use yardstick::{
    analysis::{opinions::explain, verdict},
    model::settlement::Settlement,
    render::{report, settlement::Report},
};

use super::fixture::{self, Course, disturbed, settlement, two_modes};

/// A report in a file.
pub(crate) struct Page {
    file: PathBuf,
}

impl Page {
    fn of(name: &str, settlement: &Settlement) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("{name}.html"));
        fs::write(&file, html(settlement)).expect("writable");
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

fn html(settlement: &Settlement) -> String {
    let mut opinions = BTreeMap::new();
    for answer in &settlement.answers {
        let key = &answer.question.key;
        if let Some(counts) = settlement.second_opinions.get(key) {
            opinions.insert(key.clone(), explain(answer, counts));
        }
    }
    let rounds = settlement.rounds.iter();
    report::html(&Report {
        profiles: Vec::new(),
        settlement,
        overall: verdict::overall(&settlement.answers),
        opinions,
        dropped: rounds
            .filter_map(|round| verdict::dropped(&settlement.plan, round))
            .collect(),
        courses: verdict::courses(settlement),
        program: "cargo xtask",
        stored: (1, "profiles/comparisons/pre..post/1".to_owned()),
    })
}

/// One of everything that can come out.
pub(crate) fn everything() -> Page {
    Page::of("everything", &fixture::everything())
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
    Page::of("fifty", &settlement(&courses))
}
