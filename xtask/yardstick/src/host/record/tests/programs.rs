//! Programs that other tests record: tests themselves, so that there is an executable of them.

use super::*;

#[test]
#[ignore = "a program that other tests record"]
fn busy_on_two_named_threads() {
    fn spin() {
        let start = Instant::now();
        while start.elapsed() < BUSY {
            (0..10_000).for_each(|step| {
                std::hint::black_box(step);
            });
        }
    }
    let second = std::thread::Builder::new()
        .name("second".to_owned())
        .spawn(spin);
    spin();
    second
        .expect("a thread starts")
        .join()
        .expect("it does not panic");
}

#[test]
#[ignore = "a program that other tests record"]
fn a_bench_with_the_probe() {
    let folder =
        Utf8PathBuf::from(std::env::var(DIRECTORY).expect("the recorder names the folder"));
    let header = Header {
        architecture: Architecture::of_this_process().expect("a known architecture"),
        clock: Clock::Monotonic,
        pid: std::process::id(),
        requested_rate_hz: 499,
        start_time_ns: 1,
        event: "SIGPROF".to_owned(),
    };
    let mut writer = Writer::new(Vec::new(), &header).expect("memory can be written");
    let sample = Sample {
        time_ns: 2,
        tid: std::process::id(),
        cpu: Sample::UNKNOWN_CPU,
        weight: 1,
        registers: Registers {
            ip: 3,
            sp: 4,
            bp: 5,
            lr: 0,
        },
        chain: Vec::new().into(),
        stack: vec![6; 64].into(),
    };
    writer.sample(&sample).expect("memory can be written");
    let (End { samples, lost, .. }, bytes) = writer
        .finish(4_000_001, 4_000_000)
        .expect("memory can be written");
    fs::write(folder.join("bench.stacks"), bytes).expect("the folder exists");
    let measured = Measured {
        version: Measured::VERSION,
        benchmark_id: None,
        iterations: 1,
        allocations: None,
        allocated_bytes: None,
        cpu_ns: 1,
        wall_ns: 1,
        window: Window {
            start_ns: 1,
            end_ns: 4_000_001,
            cpu_ns: 4_000_000,
        },
        latencies: None,
        sampler: Some(SamplerFacts::Recorded {
            recording: "bench.stacks".to_owned(),
            event: "SIGPROF".to_owned(),
            requested_rate_hz: 499,
            real_rate_hz: Some(250.0),
            samples,
            lost,
        }),
    };
    fs::write(folder.join("bench.measured.json"), measured.to_json()).expect("the folder exists");
}
