//! Pairs of tasks that throw a ball to and fro. On several threads the pairs play at the same time, and wake each other across threads.

use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use yardstick_probe::Region;

/// Pairs that play at the same time: one for each worker of the suite's runtime.
const PAIRS: usize = 2;

/// One iteration is a game of every pair; a unit of work is one exchange of each of them, there and back.
pub async fn run(units: u64, iterations: u64) -> Duration {
    let pairs = [(); PAIRS].map(|()| Pair::start());
    let exchanges = iterations * units;
    let region = Region::start(iterations);
    for pair in &pairs {
        pair.serve.send(exchanges).expect("the server plays");
    }
    let mut returned = [0; PAIRS];
    let mut pairs = pairs;
    for (pair, returned) in pairs.iter_mut().zip(&mut returned) {
        *returned = pair.score.recv().await.expect("the server plays");
    }
    let elapsed = region.finish();
    assert_eq!(returned, [exchanges; PAIRS], "every ball came back");
    for pair in pairs {
        let hits = pair.end().await;
        assert_eq!(hits, exchanges, "every ball was hit once on the way");
    }
    elapsed
}

/// Two tasks, and the channels to the one that serves.
struct Pair {
    /// How many exchanges to play.
    serve: UnboundedSender<u64>,
    /// How many balls came back.
    score: UnboundedReceiver<u64>,
    server: JoinHandle<()>,
    /// Its task returns how many balls it hit.
    receiver: JoinHandle<u64>,
}

impl Pair {
    fn start() -> Self {
        let (serve, mut games) = mpsc::unbounded_channel::<u64>();
        let (to_score, score) = mpsc::unbounded_channel();
        let (there, mut arriving) = mpsc::unbounded_channel::<u64>();
        let (back, mut returning) = mpsc::unbounded_channel();
        let receiver = tokio::spawn(async move {
            let mut hits = 0;
            while let Some(ball) = arriving.recv().await {
                hits += 1;
                // The server keeps its end until it has ended this one.
                let _ = back.send(ball);
            }
            hits
        });
        let server = tokio::spawn(async move {
            while let Some(exchanges) = games.recv().await {
                let mut returned = 0;
                for number in 0..exchanges {
                    there.send(number).expect("the receiver plays");
                    let ball = returning.recv().await.expect("the receiver plays");
                    returned += u64::from(ball == number);
                }
                let _ = to_score.send(returned);
            }
        });
        Self {
            serve,
            score,
            server,
            receiver,
        }
    }

    /// Ends both tasks, and tells how many balls the receiver hit.
    async fn end(self) -> u64 {
        drop(self.serve);
        self.server.await.expect("the server does not panic");
        self.receiver.await.expect("the receiver does not panic")
    }
}
