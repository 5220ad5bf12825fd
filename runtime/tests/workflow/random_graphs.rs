//! Whatever the graph, and however often its steps fail at first.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use runtime::workflow::{
    Engine, Handlers, RetryPolicy, Step, StepError, StepInput, StepState, TaskOutcome, TaskState,
    Template,
};

use crate::wiring::Wiring;

/// An acyclic graph, and how often each of its steps fails before it succeeds.
#[derive(Debug, Clone)]
struct Graph {
    dependencies: Vec<Vec<usize>>,
    failures: Vec<u32>,
    /// In which order the steps are declared.
    order: Vec<usize>,
}

fn graphs() -> impl Strategy<Value = Graph> {
    (1..14usize).prop_flat_map(|steps| {
        // Whether a step waits for each of the ones before it: that excludes cycles.
        let edges = vec(vec(prop::bool::weighted(0.3), steps), steps);
        let order = Just((0..steps).collect::<Vec<_>>()).prop_shuffle();
        (edges, vec(0..3u32, steps), order).prop_map(|(edges, failures, order)| Graph {
            dependencies: edges
                .iter()
                .enumerate()
                .map(|(step, before)| (0..step).filter(|&earlier| before[earlier]).collect())
                .collect(),
            failures,
            order,
        })
    })
}

impl Graph {
    fn template(&self) -> Template {
        let mut builder = Template::builder("random");
        for &step in &self.order {
            let declared = Step::new(step.to_string()).handler("step");
            let before = &self.dependencies[step];
            let declared = before
                .iter()
                .fold(declared, |step, before| step.after(before.to_string()));
            builder = builder.step(declared.retry(RetryPolicy::immediate(3)));
        }
        builder.build().expect("the graph is acyclic")
    }

    /// Fails as often as it should, then records that the step completed.
    fn handlers(&self, completed: &Arc<Mutex<Vec<usize>>>) -> Handlers {
        let (graph, completed) = (self.clone(), Arc::clone(completed));
        Handlers::new().register("step", move |input: StepInput| {
            let (graph, completed) = (graph.clone(), Arc::clone(&completed));
            async move {
                let step: usize = input.step_name().parse().unwrap();
                let done = completed.lock().unwrap().clone();
                if graph.dependencies[step]
                    .iter()
                    .any(|before| !done.contains(before))
                {
                    return Err(StepError::permanent("begun before a dependency completed"));
                }
                tokio::task::yield_now().await;
                if input.attempt <= graph.failures[step] {
                    return Err(StepError::retryable("not yet"));
                }
                completed.lock().unwrap().push(step);
                Ok(Bytes::from(step.to_string()))
            }
        })
    }

    fn check(&self, outcome: &TaskOutcome, mut completed: Vec<usize>) {
        assert_eq!(outcome.state, TaskState::Completed, "{outcome:?}");
        completed.sort_unstable();
        let every_step_once: Vec<_> = (0..self.failures.len()).collect();
        assert_eq!(completed, every_step_once);
        for (step, &failures) in self.failures.iter().enumerate() {
            let name = step.to_string();
            let outcome = outcome.step(&name).unwrap();
            assert_eq!(outcome.state, StepState::Completed);
            assert_eq!(outcome.attempts.len(), failures as usize + 1);
            assert_eq!(outcome.output.as_ref().unwrap(), &name);
        }
    }

    async fn run(&self, wiring: Wiring) {
        let completed = Arc::default();
        let engine = wiring
            .start(Engine::builder(self.handlers(&completed)).workers(4))
            .await;
        let task = engine.submit(&self.template(), "").await.unwrap();
        let outcome = task.completed().await.unwrap();
        engine.shutdown().await;
        let completed = completed.lock().unwrap().clone();
        self.check(&outcome, completed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_step_completes_once_and_after_its_dependencies(graph in graphs()) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .unwrap();
        for wiring in Wiring::ALL {
            runtime.block_on(graph.run(wiring));
        }
    }
}
