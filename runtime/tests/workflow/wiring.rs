//! Starting an engine in either wiring, and running every scenario on both.

use runtime::workflow::{Engine, EngineBuilder, Store};

/// Who calls whom between the stages.
#[derive(Debug, Clone, Copy)]
pub enum Wiring {
    Direct,
}

impl Wiring {
    pub const ALL: [Self; 1] = [Self::Direct];

    pub async fn start<S: Store>(self, builder: EngineBuilder<S>) -> Engine<S> {
        match self {
            Self::Direct => builder.direct(),
        }
    }
}

/// Makes a test of each async function named, once for each wiring. Time is paused: it goes on
/// by itself whenever nothing else can, so waiting costs nothing and is exact.
macro_rules! on_every_wiring {
    ($($scenario:ident,)*) => {
        mod direct {
            $(#[tokio::test(start_paused = true)]
            async fn $scenario() {
                super::$scenario(crate::wiring::Wiring::Direct).await;
            })*
        }
    };
}

pub(crate) use on_every_wiring;
