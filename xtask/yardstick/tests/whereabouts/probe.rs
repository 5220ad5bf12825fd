//! The probe without Criterion, from its own sources, so that it is built in a moment.

#[path = "PATH_OF_THE_PROBE/clock.rs"]
mod clock;
#[path = "PATH_OF_THE_PROBE/sampler/mod.rs"]
mod sampler;
mod wire {
    #[path = "PATH_OF_THE_PROBE/wire/recording/mod.rs"]
    pub mod recording;
}

use std::{env, fs, path::Path};

/// Runs a routine that returns how often it iterated, and reports to the toolkit.
pub fn recorded(id: &str, routine: impl FnOnce() -> u64) {
    let Ok(folder) = env::var("YARDSTICK_PROBE_DIR") else {
        routine();
        return;
    };
    let folder = Path::new(&folder);
    let sampler = env::var("YARDSTICK_SAMPLER").is_ok().then(|| {
        let rate_hz = env::var("YARDSTICK_SAMPLER_RATE").expect("a rate").parse().expect("a number");
        let sampler = sampler::Sampler::start(&folder.join("steps.stacks"), rate_hz).expect("it starts");
        (sampler, rate_hz)
    });
    let (start_ns, start_cpu_ns) = (clock::monotonic_ns(), clock::process_cpu_ns());
    let iterations = routine();
    let (end_ns, cpu_ns) = (clock::monotonic_ns(), clock::process_cpu_ns() - start_cpu_ns);
    let wall_ns = end_ns - start_ns;
    let sampler = sampler.map_or("null".to_owned(), |(sampler, rate_hz)| {
        let end = sampler.stop().expect("it stops");
        format!(
            r#"{{"outcome":"recorded","recording":"steps.stacks","event":"{}","requested_rate_hz":{rate_hz},"real_rate_hz":null,"samples":{},"lost":{}}}"#,
            sampler::EVENT, end.samples, end.lost
        )
    });
    let measured = format!(
        r#"{{"version":1,"benchmark_id":"{id}","iterations":{iterations},"allocations":null,"allocated_bytes":null,"cpu_ns":{cpu_ns},"wall_ns":{wall_ns},"window":{{"start_ns":{start_ns},"end_ns":{end_ns},"cpu_ns":{cpu_ns}}},"latencies":null,"sampler":{sampler}}}"#
    );
    fs::write(folder.join("steps.measured.json"), measured).expect("writable");
}
