//! The benchmarks of the runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::number;
use crate::{
    model::{
        benchmark::{Benchmark, BenchmarkKey, Counted},
        capture::Run,
        estimate::{Estimate, Estimates},
        revision::Provenance,
        sample::{Latencies, Sample, SamplingMode},
        units::Unit,
    },
    store::{
        Damage,
        layout::{BENCHMARKS, criterion_folder, is_safe},
    },
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBenchmark {
    package: String,
    suite: String,
    id: String,
    criterion_directory: String,
    criterion_files: Vec<String>,
    #[serde(with = "WireUnit")]
    unit: Unit,
    control: Option<String>,
    sample: WireSample,
    estimates: WireEstimates,
    counted: Option<WireCounted>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Unit", rename_all = "lowercase")]
enum WireUnit {
    #[serde(rename = "ns")]
    Nanoseconds,
    Bytes,
    Percent,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSample {
    #[serde(with = "WireMode")]
    mode: SamplingMode,
    iterations: Vec<WireNumber>,
    totals: Vec<WireNumber>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SamplingMode", rename_all = "lowercase")]
enum WireMode {
    Linear,
    Flat,
}

#[derive(Serialize, Deserialize)]
struct WireNumber(#[serde(with = "number")] f64);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEstimates {
    #[serde(with = "WireEstimate")]
    mean: Estimate,
    #[serde(with = "WireEstimate")]
    median: Estimate,
    #[serde(with = "WireEstimate")]
    median_abs_dev: Estimate,
    #[serde(with = "WireEstimate")]
    std_dev: Estimate,
    slope: Option<WireSlope>,
}

#[derive(Serialize, Deserialize)]
struct WireSlope(#[serde(with = "WireEstimate")] Estimate);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Estimate", deny_unknown_fields)]
struct WireEstimate {
    #[serde(with = "number")]
    point: f64,
    #[serde(with = "number")]
    lower: f64,
    #[serde(with = "number")]
    upper: f64,
    #[serde(with = "number")]
    confidence_level: f64,
    #[serde(with = "number")]
    standard_error: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCounted {
    iterations: u64,
    allocations: Option<u64>,
    allocated_bytes: Option<u64>,
    cpu_ns: u64,
    wall_ns: u64,
    latencies_ns: Option<Vec<(u64, u64)>>,
}

/// A list of lists: the benchmarks of each run, one to a line, so that version control shows which changed.
pub(in crate::store) fn encode(runs: &[Run]) -> Vec<u8> {
    let line = |benchmark: &Benchmark| {
        serde_json::to_string(&WireBenchmark::from(benchmark))
            .expect("strings, numbers and lists are always JSON")
    };
    let runs: Vec<String> = runs
        .iter()
        .map(|run| {
            let lines: Vec<String> = run.benchmarks.values().map(line).collect();
            format!("[\n{}\n]", lines.join(",\n"))
        })
        .collect();
    format!("[{}]\n", runs.join(",")).into_bytes()
}

pub(in crate::store) fn decode(
    provenances: &[Provenance],
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<Run>, Damage> {
    let damage = |fact: String| Damage::new(BENCHMARKS, fact);
    let bytes = files
        .get(BENCHMARKS)
        .ok_or_else(|| damage("it is missing".to_owned()))?;
    let runs: Vec<Vec<WireBenchmark>> =
        serde_json::from_slice(bytes).map_err(|error| damage(error.to_string()))?;
    if runs.len() != provenances.len() {
        return Err(damage(format!(
            "found:  {} runs\nwanted: {} runs",
            runs.len(),
            provenances.len()
        )));
    }
    runs.into_iter()
        .zip(provenances)
        .map(|(wires, provenance)| {
            let mut benchmarks = BTreeMap::new();
            for wire in wires {
                let benchmark = wire.into_model(files)?;
                benchmarks.insert(benchmark.key.clone(), benchmark);
            }
            Ok(Run {
                provenance: provenance.clone(),
                benchmarks,
            })
        })
        .collect()
}

impl From<&Benchmark> for WireBenchmark {
    fn from(benchmark: &Benchmark) -> Self {
        let numbers = |values: &[f64]| values.iter().copied().map(WireNumber).collect();
        let estimates = &benchmark.estimates;
        Self {
            package: benchmark.key.package.clone(),
            suite: benchmark.key.suite.clone(),
            id: benchmark.key.id.clone(),
            criterion_directory: benchmark.criterion_directory.clone(),
            criterion_files: benchmark.criterion_files.keys().cloned().collect(),
            unit: benchmark.unit,
            control: benchmark.control.clone(),
            sample: WireSample {
                mode: benchmark.sample.mode,
                iterations: numbers(&benchmark.sample.iterations),
                totals: numbers(&benchmark.sample.totals),
            },
            estimates: WireEstimates {
                mean: estimates.mean,
                median: estimates.median,
                median_abs_dev: estimates.median_abs_dev,
                std_dev: estimates.std_dev,
                slope: estimates.slope.map(WireSlope),
            },
            counted: benchmark.counted.as_ref().map(Into::into),
        }
    }
}

impl WireBenchmark {
    fn into_model(self, files: &BTreeMap<String, Vec<u8>>) -> Result<Benchmark, Damage> {
        let key = BenchmarkKey {
            package: self.package,
            suite: self.suite,
            id: self.id,
        };
        if self.sample.iterations.len() != self.sample.totals.len() {
            return Err(Damage::new(
                BENCHMARKS,
                format!("the sample of `{key}` has unequal lists"),
            ));
        }
        if !is_safe(&self.criterion_directory) {
            let fact = format!(
                "`{}` is not a folder of Criterion's",
                self.criterion_directory
            );
            return Err(Damage::new(BENCHMARKS, fact));
        }
        let folder = criterion_folder(&key, &self.criterion_directory);
        let mut criterion_files = BTreeMap::new();
        for name in self.criterion_files {
            let path = format!("{folder}/{name}");
            let bytes = files
                .get(&path)
                .filter(|_| is_safe(&name) && !name.contains('/'));
            let bytes = bytes.ok_or_else(|| Damage::new(&path, "it is missing"))?;
            criterion_files.insert(name, bytes.clone());
        }
        let numbers = |values: Vec<WireNumber>| values.into_iter().map(|number| number.0).collect();
        Ok(Benchmark {
            key,
            criterion_directory: self.criterion_directory,
            criterion_files,
            unit: self.unit,
            control: self.control,
            sample: Sample {
                mode: self.sample.mode,
                iterations: numbers(self.sample.iterations),
                totals: numbers(self.sample.totals),
            },
            estimates: Estimates {
                mean: self.estimates.mean,
                median: self.estimates.median,
                median_abs_dev: self.estimates.median_abs_dev,
                std_dev: self.estimates.std_dev,
                slope: self.estimates.slope.map(|slope| slope.0),
            },
            counted: self.counted.map(Into::into),
        })
    }
}

impl From<&Counted> for WireCounted {
    fn from(counted: &Counted) -> Self {
        Self {
            iterations: counted.iterations,
            allocations: counted.allocations,
            allocated_bytes: counted.allocated_bytes,
            cpu_ns: counted.cpu_ns,
            wall_ns: counted.wall_ns,
            latencies_ns: counted
                .latencies
                .as_ref()
                .map(|latencies| latencies.0.clone()),
        }
    }
}

impl From<WireCounted> for Counted {
    fn from(wire: WireCounted) -> Self {
        Self {
            iterations: wire.iterations,
            allocations: wire.allocations,
            allocated_bytes: wire.allocated_bytes,
            cpu_ns: wire.cpu_ns,
            wall_ns: wire.wall_ns,
            latencies: wire.latencies_ns.map(Latencies),
        }
    }
}
