//! The whole life of an actor: spawned, started, told to stop, ended (row 35).

use std::sync::Arc;
use std::time::Duration;

use runtime::{Exit, System};
use yardstick_probe::{Latencies, Region};

use crate::counter::Counter;
use crate::latch::Latch;
use crate::raw::RawCounter;

/// One iteration starts an actor, waits until it runs, stops it and waits until it has ended.
pub async fn actor(iterations: u64) -> Duration {
    let system = System::new();
    let started = Arc::new(Latch::new());
    let mut ended_in_order = 0;
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        started.expect(1);
        let address = system.spawn(Counter::announced(&started));
        started.wait().await;
        address.stop();
        ended_in_order += u64::from(address.terminated().await == Exit::Stopped);
        latencies.record(start);
    }
    let elapsed = region.finish();
    assert_eq!(ended_in_order, iterations, "every actor stopped in order");
    assert_eq!(system.actor_count(), 0, "every actor has ended");
    elapsed
}

/// The control of [`actor`]: a raw tokio task whose channel is closed.
pub async fn raw_task(iterations: u64) -> Duration {
    let started = Arc::new(Latch::new());
    let latencies = Latencies::new();
    let region = Region::start(iterations);
    for _ in 0..iterations {
        let start = latencies.start();
        started.expect(1);
        let counter = RawCounter::spawn(Some(&started));
        started.wait().await;
        counter.stop().await;
        latencies.record(start);
    }
    region.finish()
}
