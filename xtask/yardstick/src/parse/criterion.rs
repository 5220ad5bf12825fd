//! What Criterion prints and writes, versions 0.4 to 0.8.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::{Deserialize, de::DeserializeOwned};

use crate::model::{
    estimate::{Estimate, Estimates},
    sample::{Sample, SamplingMode},
};

/// One benchmark as Criterion wrote it down.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Criterion's full id; where an executable repeats one, with the number that Criterion shows: `id #2`.
    pub id: String,
    /// The name of the folder in which Criterion keeps it, relative to its home.
    pub directory: String,
    /// The raw measurements.
    pub sample: Sample,
    /// Criterion's estimates from them.
    pub estimates: Estimates,
    /// The files, by name, verbatim.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The ids in the answer to `--list`, in its order; a repeated id gets the number that Criterion shows. `None` where
/// there is an answer and no line of it is Criterion's.
///
/// Suites may print lines of their own, which are no ids.
pub fn listed_ids(stdout: &str) -> Option<Vec<String>> {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    let ids: Vec<String> = stdout
        .lines()
        .filter_map(|line| {
            line.strip_suffix(": benchmark")
                .or_else(|| line.strip_suffix(": bench"))
        })
        .map(|id| {
            let nth = times.entry(id).or_default();
            *nth += 1;
            match nth {
                1 => id.to_owned(),
                _ => format!("{id} #{nth}"),
            }
        })
        .collect();
    (!ids.is_empty() || stdout.trim().is_empty()).then_some(ids)
}

/// The regular expression that makes Criterion run these ids. `--exact` is missing in 0.4.
///
/// For `x #2` it also runs `x`: Criterion numbers a repeated id in what it shows only, and
/// what is really called so cannot be told from it.
pub fn exactly<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let alternatives: BTreeSet<String> = ids
        .into_iter()
        .flat_map(|id| [Some(id), without_number(id)])
        .flatten()
        .map(regex::escape)
        .collect();
    let alternatives: Vec<String> = alternatives.into_iter().collect();
    format!("^({})$", alternatives.join("|"))
}

fn without_number(id: &str) -> Option<&str> {
    let (written, number) = id.rsplit_once(" #")?;
    number
        .parse::<u32>()
        .is_ok_and(|number| number > 1)
        .then_some(written)
}

/// The benchmark that a line of Criterion's output says is being run.
pub fn running(line: &str) -> Option<&str> {
    let rest = line
        .trim_start_matches("\u{1b}[K")
        .strip_prefix("Benchmarking ")?;
    Some(rest.rsplit_once(": ").map_or(rest, |(id, _)| id))
}

/// Reads the files below an empty home of Criterion after one run, in the order of the folders' names.
///
/// # Errors
/// If a file is missing or not what Criterion writes.
pub fn measurements(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Measurement>> {
    files
        .keys()
        .filter_map(|path| path.strip_suffix("/new/benchmark.json"))
        .map(|directory| {
            measurement(directory, files)
                .with_context(|| format!("cannot read what Criterion wrote for `{directory}`"))
        })
        .collect()
}

fn measurement(directory: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Measurement> {
    let prefix = format!("{directory}/new/");
    let files: BTreeMap<String, Vec<u8>> = files
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), bytes.clone())))
        .collect();
    let benchmark: WrittenBenchmark = read(&files, "benchmark.json")?;
    let sample: WrittenSample = read(&files, "sample.json")?;
    let estimates: WrittenEstimates = read(&files, "estimates.json")?;
    anyhow::ensure!(
        sample.iters.len() == sample.times.len(),
        "`sample.json` has {} iteration counts and {} times",
        sample.iters.len(),
        sample.times.len()
    );
    Ok(Measurement {
        id: benchmark.numbered_id(),
        directory: directory.to_owned(),
        sample: Sample {
            mode: match sample.sampling_mode {
                WrittenMode::Linear => SamplingMode::Linear,
                WrittenMode::Flat => SamplingMode::Flat,
            },
            iterations: sample.iters,
            totals: sample.times,
        },
        estimates: estimates.into(),
        files,
    })
}

fn read<T: DeserializeOwned>(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Result<T> {
    let bytes = files
        .get(name)
        .with_context(|| format!("`{name}` is missing"))?;
    serde_json::from_slice(bytes).with_context(|| format!("`{name}` is not what Criterion writes"))
}

#[derive(Deserialize)]
struct WrittenBenchmark {
    full_id: String,
    title: String,
}

impl WrittenBenchmark {
    fn numbered_id(self) -> String {
        // The title is the id, cut where it is long, and numbered where it is repeated.
        match (self.title.rsplit_once(" #"), self.full_id == self.title) {
            (Some((_, number)), false) if number.parse::<u32>().is_ok() => {
                format!("{} #{number}", self.full_id)
            }
            _ => self.full_id,
        }
    }
}

#[derive(Deserialize)]
struct WrittenSample {
    sampling_mode: WrittenMode,
    iters: Vec<f64>,
    times: Vec<f64>,
}

#[derive(Deserialize)]
enum WrittenMode {
    Linear,
    Flat,
}

#[derive(Deserialize)]
struct WrittenEstimates {
    mean: WrittenEstimate,
    median: WrittenEstimate,
    median_abs_dev: WrittenEstimate,
    slope: Option<WrittenEstimate>,
    std_dev: WrittenEstimate,
}

/// JSON has no word for what is not a number: Criterion writes `null` then.
#[derive(Deserialize)]
struct WrittenEstimate {
    confidence_interval: WrittenInterval,
    point_estimate: Option<f64>,
    standard_error: Option<f64>,
}

#[derive(Deserialize)]
struct WrittenInterval {
    confidence_level: f64,
    lower_bound: Option<f64>,
    upper_bound: Option<f64>,
}

impl From<WrittenEstimates> for Estimates {
    fn from(written: WrittenEstimates) -> Self {
        Self {
            mean: written.mean.into(),
            median: written.median.into(),
            median_abs_dev: written.median_abs_dev.into(),
            std_dev: written.std_dev.into(),
            slope: written.slope.map(Into::into),
        }
    }
}

impl From<WrittenEstimate> for Estimate {
    fn from(written: WrittenEstimate) -> Self {
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        Self {
            point: number(written.point_estimate),
            lower: number(written.confidence_interval.lower_bound),
            upper: number(written.confidence_interval.upper_bound),
            confidence_level: written.confidence_interval.confidence_level,
            standard_error: number(written.standard_error),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_all_versions_are_read_and_repeated_ids_numbered() {
        let ids = listed_ids("a/b: bench\n\nc: d: benchmark\na/b: bench\n").expect("a list");
        assert_eq!(ids, ["a/b", "c: d", "a/b #2"]);
        assert_eq!(
            listed_ids("set-up took 3 s\na: bench\n"),
            Some(vec!["a".to_owned()])
        );
        assert_eq!(listed_ids(""), Some(Vec::new()));
        assert_eq!(listed_ids("Hello, world!\n"), None);
    }

    #[test]
    fn exactly_the_ids_match_whatever_they_are_made_of() {
        let pattern = regex::Regex::new(&exactly(["a.b", "c(d)", "x #2"])).expect("a pattern");
        for (id, matches) in [
            ("a.b", true),
            ("axb", false),
            ("a.bc", false),
            ("c(d)", true),
            ("x", true),
            ("x #2", true),
            ("x #3", false),
        ] {
            assert_eq!(pattern.is_match(id), matches, "{id}");
        }
    }

    #[test]
    fn the_running_benchmark_is_read_from_the_progress_lines() {
        assert_eq!(
            running("Benchmarking a/b: Warming up for 3.0000 s"),
            Some("a/b")
        );
        assert_eq!(
            running("\u{1b}[KBenchmarking a: b: Analyzing"),
            Some("a: b")
        );
        assert_eq!(running("Benchmarking a/b"), Some("a/b"));
        assert_eq!(running("a/b    time: [1 ns 2 ns 3 ns]"), None);
    }

    fn written(full_id: &str, title: &str) -> BTreeMap<String, Vec<u8>> {
        let estimate = |point: f64| {
            json!({"confidence_interval": {"confidence_level": 0.95, "lower_bound": point - 1.0, "upper_bound": point + 1.0},
                   "point_estimate": point, "standard_error": null})
        };
        let files = [
            (
                "benchmark.json",
                json!({"full_id": full_id, "title": title, "directory_name": "g/f", "group_id": "g"}),
            ),
            (
                "sample.json",
                json!({"sampling_mode": "Flat", "iters": [1.0, 2.0], "times": [10.0, 30.0]}),
            ),
            (
                "estimates.json",
                json!({"mean": estimate(12.0), "median": estimate(11.0), "median_abs_dev": estimate(1.0), "slope": null, "std_dev": estimate(2.0)}),
            ),
        ];
        files
            .iter()
            .map(|(name, value)| (format!("g/f/new/{name}"), value.to_string().into_bytes()))
            .collect()
    }

    #[test]
    fn a_measurement_is_read_from_its_folder() {
        let files = written("g/f", "g/f");
        let read = measurements(&files).expect("valid");
        assert_eq!(read.len(), 1);
        assert_eq!(
            (read[0].id.as_str(), read[0].directory.as_str()),
            ("g/f", "g/f")
        );
        assert_eq!(
            read[0].sample.per_iteration().collect::<Vec<_>>(),
            [10.0, 15.0]
        );
        assert_eq!(read[0].estimates.typical().point, 12.0);
        assert!(read[0].estimates.mean.standard_error.is_nan());
        assert_eq!(read[0].files["sample.json"], files["g/f/new/sample.json"]);
    }

    #[test]
    fn a_repeated_id_is_told_by_its_number_and_a_cut_title_is_not() {
        let id = |full_id, title| {
            measurements(&written(full_id, title)).expect("valid")[0]
                .id
                .clone()
        };
        assert_eq!(id("x", "x #2"), "x #2");
        assert_eq!(id("a long id", "a lo..."), "a long id");
        assert_eq!(id("issue #7", "issue #7"), "issue #7");
    }

    #[test]
    fn what_is_missing_or_damaged_is_named() {
        let mut files = written("x", "x");
        files.remove("g/f/new/sample.json");
        let error = format!("{:#}", measurements(&files).expect_err("a file is missing"));
        assert!(
            error.contains("`g/f`") && error.contains("`sample.json` is missing"),
            "{error}"
        );
        files.insert("g/f/new/sample.json".to_owned(), b"{".to_vec());
        let error = format!("{:#}", measurements(&files).expect_err("a file is damaged"));
        assert!(
            error.contains("`sample.json` is not what Criterion writes"),
            "{error}"
        );
    }
}
