//! Starting actors: until they run (rows 29 to 32), and what it costs the one who starts them (row 56).

use std::sync::Arc;
use std::time::Duration;

use runtime::System;
use yardstick_probe::{Latencies, Region};

use crate::chunks::in_chunks;
use crate::counter::Counter;
use crate::latch::Latch;
use crate::raw::RawCounter;

/// Actors alive at a time, at most; they are stopped outside the timed part.
const ALIVE: u64 = 1024;

/// One iteration spawns `size` actors and waits until all of them have started.
pub async fn actors(size: usize, iterations: u64) -> Duration {
    in_chunks(iterations, ALIVE / size as u64, async |count| {
        let system = System::new();
        let started = Arc::new(Latch::new());
        let mut addresses = Vec::with_capacity(size * count as usize);
        let latencies = Latencies::new();
        let region = Region::start(count);
        for _ in 0..count {
            let start = latencies.start();
            started.expect(size);
            for _ in 0..size {
                addresses.push(system.spawn(Counter::announced(&started)));
            }
            started.wait().await;
            latencies.record(start);
        }
        let elapsed = region.finish();
        assert_eq!(
            system.actor_count(),
            size * count as usize,
            "every actor that was spawned runs"
        );
        for address in &addresses {
            // The latch tells that the hook ran, this that the runtime knows it too.
            assert_eq!(
                address.incarnation_changed(0).await,
                Some(1),
                "every actor has started once"
            );
        }
        system.shutdown().await;
        assert_eq!(system.actor_count(), 0, "every actor has ended");
        elapsed
    })
    .await
}

/// The control of [`actors`]: raw tokio tasks with a channel each.
pub async fn raw_tasks(size: usize, iterations: u64) -> Duration {
    in_chunks(iterations, ALIVE / size as u64, async |count| {
        let started = Arc::new(Latch::new());
        let mut tasks = Vec::with_capacity(size * count as usize);
        let latencies = Latencies::new();
        let region = Region::start(count);
        for _ in 0..count {
            let start = latencies.start();
            started.expect(size);
            for _ in 0..size {
                tasks.push(RawCounter::spawn(Some(&started)));
            }
            started.wait().await;
            latencies.record(start);
        }
        let elapsed = region.finish();
        for task in tasks {
            task.stop().await;
        }
        elapsed
    })
    .await
}

/// One iteration is one call of `System::spawn`: what starting an actor costs the caller. The actors start outside the timed part.
pub async fn call_alone(iterations: u64) -> Duration {
    in_chunks(iterations, ALIVE, async |count| {
        let system = System::new();
        let started = Arc::new(Latch::new());
        started.expect(count as usize);
        let actors = (0..count)
            .map(|_| Counter::announced(&started))
            .collect::<Vec<_>>();
        let mut addresses = Vec::with_capacity(count as usize);
        let region = Region::start(count);
        for actor in actors {
            addresses.push(system.spawn(actor));
        }
        let elapsed = region.finish();
        assert_eq!(
            system.actor_count(),
            count as usize,
            "every call has made an actor"
        );
        started.wait().await;
        drop(addresses);
        system.shutdown().await;
        elapsed
    })
    .await
}

/// The control of [`call_alone`]: `tokio::spawn` of a task that only says that it ran.
pub async fn raw_call_alone(iterations: u64) -> Duration {
    in_chunks(iterations, ALIVE, async |count| {
        let started = Arc::new(Latch::new());
        started.expect(count as usize);
        let latches = (0..count).map(|_| Arc::clone(&started)).collect::<Vec<_>>();
        let mut tasks = Vec::with_capacity(count as usize);
        let region = Region::start(count);
        for latch in latches {
            tasks.push(tokio::spawn(async move { latch.count_down() }));
        }
        let elapsed = region.finish();
        started.wait().await;
        for task in tasks {
            task.await.expect("the task does not panic");
        }
        elapsed
    })
    .await
}
