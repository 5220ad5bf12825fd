//! A bench executable that answers as Criterion does and invents its times: it is built in a moment, and each of its
//! benchmarks has another fault.

use std::{env, fs, path::Path, process, thread, time::Duration};

/// Whether this is the side with the change.
const CHANGED: bool = false;

const IDS: [&str; 4] = ["steady", "slower", "overrides", "fails"];

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if arguments.iter().any(|argument| argument == "--list") {
        IDS.iter().for_each(|id| println!("{id}: benchmark"));
        return;
    }
    let pattern = arguments.last().map(String::as_str).unwrap_or_default();
    let pattern = pattern.trim_start_matches("^(").trim_end_matches(")$");
    let asked = arguments.iter().position(|argument| argument == "--sample-size");
    let samples = asked.map_or(100, |position| arguments[position + 1].parse().expect("a number"));
    let home = env::var("CRITERION_HOME").expect("a home for Criterion");
    for id in IDS.iter().filter(|id| pattern.split('|').any(|part| part == **id)) {
        eprintln!("Benchmarking {id}: Collecting 30 samples");
        match *id {
            "fails" if CHANGED => FAULT(),
            // Its own settings win over those of the command line.
            "overrides" => write(Path::new(&home), id, 1_000.0, 70),
            "slower" if CHANGED => write(Path::new(&home), id, 1_100.0, samples),
            _ => write(Path::new(&home), id, 1_000.0, samples),
        }
    }
}

/// What only the side with the change does.
const FAULT: fn() = crash;

#[allow(dead_code)]
fn crash() {
    eprintln!("the result is wrong");
    process::abort();
}

#[allow(dead_code)]
fn hang() {
    thread::sleep(Duration::from_secs(1_000));
}

fn write(home: &Path, id: &str, level: f64, samples: u32) {
    let folder = home.join(id).join("new");
    fs::create_dir_all(&folder).expect("writable");
    // A process has a level of its own, a little beside the others'.
    let process_level = level * (1.0 + f64::from(process::id() % 97) * 1e-5);
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
