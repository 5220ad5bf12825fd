//! A bench executable that answers as Criterion does. Its times are invented, so that a verdict does not depend on the
//! machine; what is recorded of it is real work.

use std::{env, fs, hint, path::Path, time::{Duration, Instant}};

/// Whether this is the side with the change.
const CHANGED: bool = false;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let after = |option: &str| {
        let at = arguments.iter().position(|argument| argument == option)?;
        arguments.get(at + 1)?.parse::<f64>().ok()
    };
    if arguments.iter().any(|argument| argument == "--list") {
        println!("steps: benchmark");
    } else if let Some(seconds) = after("--profile-time") {
        yardstick_probe::recorded("steps", || Bencher.iter(Duration::from_secs_f64(seconds), app::steps));
    } else {
        let samples = after("--sample-size").map_or(100, |size| size as u32);
        let home = env::var("CRITERION_HOME").expect("a home for Criterion");
        write(Path::new(&home), "steps", if CHANGED { 1_100.0 } else { 1_000.0 }, samples);
    }
}

struct Bencher;

impl Bencher {
    /// Calls the routine again and again, and returns how often.
    #[inline(never)]
    fn iter(&mut self, time: Duration, mut routine: impl FnMut() -> u64) -> u64 {
        let start = Instant::now();
        let mut iterations = 0;
        while start.elapsed() < time {
            hint::black_box(routine());
            iterations += 1;
        }
        iterations
    }
}

fn write(home: &Path, id: &str, level: f64, samples: u32) {
    // The kernel counts whose a CPU is in steps of some milliseconds.
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(30) {
        hint::spin_loop();
    }
    let folder = home.join(id).join("new");
    fs::create_dir_all(&folder).expect("writable");
    // A process has a level of its own, a little beside the others'.
    let process_level = level * (1.0 + f64::from(std::process::id() % 97) * 1e-5);
    let times: Vec<String> = (0..samples)
        .map(|sample| (process_level * (1.0 + f64::from(sample % 7) * 1e-4)).to_string())
        .collect();
    let iters = vec!["1.0"; samples as usize].join(",");
    let estimate = r#"{"confidence_interval":{"confidence_level":0.95,"lower_bound":9.0,"upper_bound":11.0},"point_estimate":10.0,"standard_error":0.5}"#;
    let files = [
        ("benchmark.json", format!(r#"{{"group_id":"{id}","full_id":"{id}","directory_name":"{id}","title":"{id}"}}"#)),
        ("sample.json", format!(r#"{{"sampling_mode":"Flat","iters":[{iters}],"times":[{}]}}"#, times.join(","))),
        (
            "estimates.json",
            format!(r#"{{"mean":{estimate},"median":{estimate},"median_abs_dev":{estimate},"slope":null,"std_dev":{estimate}}}"#),
        ),
    ];
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("writable");
    }
}
