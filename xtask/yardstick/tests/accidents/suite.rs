//! A bench executable that answers as Criterion does and measures nothing: it is built in a
//! moment, and does what the test wants to happen.

use std::{env, fs, path::Path, process::Command, thread, time::Duration};

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let ids: Vec<String> = (0..40).map(|n| format!("group/{n}")).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        ids.iter().for_each(|id| println!("{id}: benchmark"));
        return;
    }
    match env::var("SUITE_DOES").as_deref() {
        Ok("hang") => {
            let child = Command::new("sleep").arg("1000").spawn().expect("sleep starts");
            let pids = format!("{} {}", std::process::id(), child.id());
            let file = env::var("SUITE_PIDS").expect("a file for the pids");
            fs::write(format!("{file}.new"), pids).expect("writable");
            fs::rename(format!("{file}.new"), file).expect("writable");
            thread::sleep(Duration::from_secs(1000));
        }
        Ok("panic") => {
            eprintln!("Benchmarking group/7: Collecting 100 samples");
            panic!("the result is wrong");
        }
        _ => {
            let home = env::var("CRITERION_HOME").expect("a home for Criterion");
            ids.iter().for_each(|id| write(Path::new(&home), id));
        }
    }
}

fn write(home: &Path, id: &str) {
    let folder = home.join(id).join("new");
    fs::create_dir_all(&folder).expect("writable");
    let estimate = r#"{"confidence_interval":{"confidence_level":0.95,"lower_bound":9.0,"upper_bound":11.0},"point_estimate":10.0,"standard_error":0.5}"#;
    let files = [
        ("benchmark.json", format!(r#"{{"group_id":"group","full_id":"{id}","directory_name":"{id}","title":"{id}"}}"#)),
        ("sample.json", r#"{"sampling_mode":"Flat","iters":[1.0,1.0],"times":[10.0,10.0]}"#.to_owned()),
        (
            "estimates.json",
            format!(r#"{{"mean":{estimate},"median":{estimate},"median_abs_dev":{estimate},"slope":null,"std_dev":{estimate}}}"#),
        ),
    ];
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("writable");
    }
}
