//! A workflow engine: tasks made of steps that wait for each other.
//!
//! A [`Template`] says which steps a task has and which of them wait for which. [`Handlers`]
//! hold the code that steps execute. An [`Engine`] runs tasks:
//!
//! ```
//! use runtime::workflow::{Engine, Handlers, Step, StepError, StepInput, TaskState, Template};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let handlers = Handlers::new()
//!     .register("reserve", |order: StepInput| async move {
//!         Ok(format!("{} reserved", String::from_utf8_lossy(&order.task_input)).into())
//!     })
//!     .register("charge", |order: StepInput| async move {
//!         match order.dependency("reserve") {
//!             Some(_) if order.attempt == 1 => Err(StepError::retryable("the bank is busy")),
//!             Some(_) => Ok("12 EUR".into()),
//!             None => Err(StepError::permanent("nothing to charge for")),
//!         }
//!     });
//! let checkout = Template::builder("checkout")
//!     .step(Step::new("reserve"))
//!     .step(Step::new("charge").after("reserve"))
//!     .build()?;
//!
//! let engine = Engine::direct(handlers);
//! let task = engine.submit(&checkout, "a bicycle").await?;
//! let outcome = task.completed().await?;
//!
//! assert_eq!(outcome.state, TaskState::Completed);
//! assert_eq!(outcome.output("reserve").unwrap(), "a bicycle reserved");
//! assert_eq!(outcome.step("charge").unwrap().attempts.len(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! # Stages
//!
//! ```text
//! submit → TaskInitializer → StepDiscovery → StepEnqueuer → StepWorker → ResultProcessor → TaskFinalizer
//!                                  ↑                                           │
//!                                  └───────────────────────────────────────────┘
//! ```
//!
//! Each stage is a plain struct with async methods over a [`Store`]; none knows another. A
//! wiring joins them: in the direct wiring they call each other, in the actors wiring each is a
//! supervised actor that sends messages to the next. An engine behaves the same in both.
//!
//! The stages as actors of a [`System`](crate::System):
//!
//! ```
//! use runtime::{System, workflow::{Engine, Handlers, StepInput, TaskState, Template}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let handlers = Handlers::new().register("work", async |_: StepInput| Ok("done".into()));
//! let engine = Engine::builder(handlers).workers(4).actors(&System::new()).await?;
//! let task = engine.submit(&Template::diamond("work", 2), "input").await?;
//! assert_eq!(task.completed().await?.state, TaskState::Completed);
//! engine.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - A step begins only after all its dependencies have completed.
//! - A step *completes* exactly once, whatever crashes or is submitted twice: each claim gets a
//!   new [`Lease`], and the store refuses results whose lease is not in force. It may *execute*
//!   more often: after a failure, and after a worker was lost.
//! - A lost worker's step is tried again once its lease has expired. That counts as a failed
//!   attempt, so a step that takes its workers down with it ends too.
//! - A step that fails for good fails its task and cancels what depends on it. Other branches
//!   run to their end first.
//! - The end of a task is pushed to whoever holds its [`TaskHandle`]. Nothing sleeps or polls
//!   on the way there; the reaper's sweep serves only what was lost.

mod actors;
mod attempt;
mod completion;
mod direct;
mod engine;
mod handler;
mod id;
mod lease;
mod memory;
mod reaper;
mod result_processor;
mod retry;
mod services;
mod shapes;
mod state;
mod step;
mod step_discovery;
mod step_enqueuer;
mod step_worker;
mod store;
mod task_finalizer;
mod task_initializer;
mod template;
mod validation;
mod view;

pub use self::{
    completion::{Completions, EngineStopped, TaskHandle},
    engine::{Engine, EngineBuilder},
    handler::{FailureKind, Handlers, StepError, StepHandler, StepInput},
    id::{StepId, TaskId, WorkerId},
    lease::{ClaimedStep, Lease},
    memory::MemoryStore,
    reaper::Reaper,
    result_processor::{NextAction, ResultProcessor},
    retry::RetryPolicy,
    state::{StepState, TaskState},
    step::Step,
    step_discovery::StepDiscovery,
    step_enqueuer::StepEnqueuer,
    step_worker::{StepResult, StepWorker},
    store::{Renewal, StepSelection, Store, StoreError, Submission, Transition, Verdict},
    task_finalizer::TaskFinalizer,
    task_initializer::{SubmitError, TaskInitializer},
    template::{Template, TemplateBuilder, TemplateStep},
    validation::TemplateError,
    view::{
        Attempt, AttemptEnd, ExecutionStatus, ReadyTask, StepOutcome, StepReadiness,
        TaskExecutionContext, TaskOutcome, TransitiveDependency,
    },
};
