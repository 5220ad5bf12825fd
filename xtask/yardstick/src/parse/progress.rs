//! What Criterion says while it runs, versions 0.4 to 0.8.

use std::collections::BTreeMap;

/// What Criterion said about one benchmark before it measured it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Announced {
    /// How long it meant to warm up, in seconds.
    pub warm_up_seconds: Option<f64>,
    /// How many measurements it meant to take.
    pub samples: Option<u32>,
    /// How long it thought that they would take, in seconds on the wall.
    pub measurement_seconds: Option<f64>,
}

/// What Criterion announced of each benchmark, by title: the id, which is cut where it is very long.
pub fn announced(output: &str) -> BTreeMap<String, Announced> {
    let mut all: BTreeMap<String, Announced> = BTreeMap::new();
    for line in output.lines() {
        let line = line.trim_start_matches("\u{1b}[K").trim_start_matches('\r');
        let Some(rest) = line.strip_prefix("Benchmarking ") else {
            continue;
        };
        if let Some((title, time)) = rest.rsplit_once(": Warming up for ") {
            let announced = all.entry(title.to_owned()).or_default();
            announced.warm_up_seconds = seconds(time);
        } else if let Some((title, plan)) = rest.rsplit_once(": Collecting ") {
            let announced = all.entry(title.to_owned()).or_default();
            let (samples, time) = plan.split_once(" samples in estimated ").unzip();
            announced.samples = samples.and_then(|samples| samples.parse().ok());
            let time = time.and_then(|time| time.split(" (").next());
            announced.measurement_seconds = time.and_then(seconds);
        }
    }
    all
}

/// Reads a time as Criterion shows it: `40.017 ms`.
fn seconds(text: &str) -> Option<f64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let scale = match unit.trim() {
        "s" => 1.0,
        "ms" => 1e-3,
        "µs" | "us" => 1e-6,
        "ns" => 1e-9,
        "ps" => 1e-12,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_read_whatever_the_id() {
        let output = "Benchmarking a: b
Benchmarking a: b: Warming up for 20.000 ms
Benchmarking a: b: Collecting 30 samples in estimated 40.017 ms (775k iterations)
Benchmarking a: b: Analyzing
a: b    time:   [12.952 ns 28.023 ns 46.368 ns]
\u{1b}[KBenchmarking c: Warming up for 3.0000 s
Benchmarking c: Collecting 10 samples in estimated  5.001 s (55 iterations)
";
        let all = announced(output);
        assert_eq!(all.len(), 2);
        assert_eq!(
            all["a: b"],
            Announced {
                warm_up_seconds: Some(20.0 * 1e-3),
                samples: Some(30),
                measurement_seconds: Some(40.017 * 1e-3),
            }
        );
        assert_eq!(all["c"].warm_up_seconds, Some(3.0));
        assert_eq!(all["c"].measurement_seconds, Some(5.001));
    }

    #[test]
    fn what_is_not_understood_is_not_known() {
        let all = announced("Benchmarking a: Warming up for ever\nBenchmarking a: Collecting\n");
        assert_eq!(all["a"], Announced::default());
    }
}
