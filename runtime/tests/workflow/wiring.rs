//! Starting an engine in either wiring, and running every scenario on both.

use std::time::Duration;

use runtime::{
    System,
    workflow::{Engine, EngineBuilder, Store},
};

/// Who calls whom between the stages.
#[derive(Debug, Clone, Copy)]
pub enum Wiring {
    Direct,
    Actors,
}

impl Wiring {
    pub const ALL: [Self; 2] = [Self::Direct, Self::Actors];

    pub async fn start<S: Store>(self, builder: EngineBuilder<S>) -> Engine<S> {
        match self {
            Self::Direct => builder.direct(),
            Self::Actors => builder.actors(&System::new()).await.unwrap(),
        }
    }
}

/// The reaper never rests, so time would go on for ever if a task were lost.
pub async fn in_time(scenario: impl Future<Output = ()>) {
    let limit = Duration::from_secs(10_000);
    tokio::time::timeout(limit, scenario)
        .await
        .expect("nothing is lost");
}

/// Makes a test of each async function named, once for each wiring. Time is paused: it goes on
/// by itself whenever nothing else can, so waiting costs nothing and is exact.
macro_rules! on_every_wiring {
    ($($scenario:ident,)*) => {
        mod direct {
            $(#[tokio::test(start_paused = true)]
            async fn $scenario() {
                crate::wiring::in_time(super::$scenario(crate::wiring::Wiring::Direct)).await;
            })*
        }

        mod actors {
            $(#[tokio::test(start_paused = true)]
            async fn $scenario() {
                crate::wiring::in_time(super::$scenario(crate::wiring::Wiring::Actors)).await;
            })*
        }
    };
}

pub(crate) use on_every_wiring;
