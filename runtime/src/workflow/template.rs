//! Templates: the shape of a task, validated once and shared by every task made from it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{RetryPolicy, Step, TemplateError, validation};

/// A directed acyclic graph of steps.
///
/// A template is immutable and cheap to clone; every task made from it shares it.
///
/// ```
/// use runtime::workflow::{Step, Template};
///
/// let checkout = Template::builder("checkout")
///     .step(Step::new("reserve"))
///     .step(Step::new("charge").after("reserve"))
///     .step(Step::new("ship").after("charge"))
///     .build()?;
/// assert_eq!(checkout.steps().len(), 3);
/// # Ok::<(), runtime::workflow::TemplateError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    shape: Arc<Shape>,
}

#[derive(Debug)]
struct Shape {
    name: String,
    priority: i32,
    steps: Vec<TemplateStep>,
}

/// A step of a validated [`Template`].
#[derive(Debug, Clone)]
pub struct TemplateStep {
    pub(super) name: String,
    pub(super) handler: String,
    pub(super) input: Bytes,
    pub(super) retry: RetryPolicy,
    pub(super) attempt_timeout: Option<Duration>,
    pub(super) dependencies: Vec<usize>,
    pub(super) dependents: Vec<usize>,
}

impl TemplateStep {
    /// The name, unique in the template.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the handler that executes it.
    pub fn handler(&self) -> &str {
        &self.handler
    }

    /// What the template passes to the step in every task.
    pub fn input(&self) -> &Bytes {
        &self.input
    }

    /// How often it is tried, and how long apart.
    pub fn retry(&self) -> RetryPolicy {
        self.retry
    }

    /// How long one attempt may take, if that is limited.
    pub fn attempt_timeout(&self) -> Option<Duration> {
        self.attempt_timeout
    }

    /// Positions of the steps that must complete before this one, in the order declared.
    pub fn dependencies(&self) -> &[usize] {
        &self.dependencies
    }

    /// Positions of the steps that wait for this one, ascending.
    pub fn dependents(&self) -> &[usize] {
        &self.dependents
    }
}

impl Template {
    /// Begins a template named `name`.
    pub fn builder(name: impl Into<String>) -> TemplateBuilder {
        TemplateBuilder {
            name: name.into(),
            priority: 0,
            steps: Vec::new(),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.shape.name
    }

    /// Tasks of higher priority come first in
    /// [`get_next_ready_tasks`](super::Store::get_next_ready_tasks).
    pub fn priority(&self) -> i32 {
        self.shape.priority
    }

    /// The steps, in the order they were declared.
    pub fn steps(&self) -> &[TemplateStep] {
        &self.shape.steps
    }

    /// Position of the step named `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.steps().iter().position(|step| step.name == name)
    }

    /// Positions of every step that `index` leads to, each once, nearest first.
    pub fn transitive_dependents(&self, index: usize) -> Vec<usize> {
        breadth_first(index, |step| self.steps()[step].dependents())
            .into_iter()
            .map(|(step, _)| step)
            .collect()
    }

    /// Every step that must complete before `index`, each once, with its distance (1 for a
    /// direct dependency; the shortest way counts), nearest first.
    pub fn transitive_dependencies(&self, index: usize) -> Vec<(usize, usize)> {
        breadth_first(index, |step| self.steps()[step].dependencies())
    }
}

/// Everything reachable from `start` by `edges`, with the distance, nearest first.
fn breadth_first<'a>(start: usize, edges: impl Fn(usize) -> &'a [usize]) -> Vec<(usize, usize)> {
    let mut reached: Vec<(usize, usize)> = Vec::new();
    let mut seen = std::collections::HashSet::from([start]);
    let mut frontier = (start, 0);
    let mut next = 0;
    loop {
        for &step in edges(frontier.0) {
            if seen.insert(step) {
                reached.push((step, frontier.1 + 1));
            }
        }
        let Some(&following) = reached.get(next) else {
            return reached;
        };
        frontier = following;
        next += 1;
    }
}

/// Collects the steps of a [`Template`] and validates them together.
#[derive(Debug)]
pub struct TemplateBuilder {
    name: String,
    priority: i32,
    steps: Vec<Step>,
}

impl TemplateBuilder {
    /// Adds a step. Steps may be declared in any order.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Tasks of higher priority are driven first when the engine catches up (default 0).
    #[must_use]
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Validates the steps together.
    ///
    /// # Errors
    ///
    /// The first of: no steps, a name used twice, a dependency that does not exist, a cycle.
    pub fn build(self) -> Result<Template, TemplateError> {
        let steps = validation::resolve(&self.name, self.steps)?;
        Ok(Template {
            shape: Arc::new(Shape {
                name: self.name,
                priority: self.priority,
                steps,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn braid() -> Template {
        Template::builder("braid")
            .step(Step::new("a"))
            .step(Step::new("b").after("a"))
            .step(Step::new("c").after("b").after("a"))
            .step(Step::new("d").after("c"))
            .build()
            .expect("the braid is acyclic")
    }

    #[test]
    fn transitive_dependencies_come_once_with_the_shortest_distance() {
        assert_eq!(braid().transitive_dependencies(3), [(2, 1), (1, 2), (0, 2)]);
        assert_eq!(braid().transitive_dependencies(0), []);
    }

    #[test]
    fn transitive_dependents_are_what_a_failure_would_cancel() {
        assert_eq!(braid().transitive_dependents(1), [2, 3]);
        assert_eq!(braid().transitive_dependents(0), [1, 2, 3]);
    }
}
