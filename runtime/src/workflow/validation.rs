//! From declared steps to a graph: names are resolved, cycles are refused.

use std::{collections::HashMap, fmt};

use super::{Step, TemplateStep};

/// Why a template was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateError {
    /// The template has no steps, so its tasks could never complete.
    NoSteps {
        /// Name of the template.
        template: String,
    },
    /// Two steps have the same name.
    DuplicateStep {
        /// Name of the template.
        template: String,
        /// The name used twice.
        step: String,
    },
    /// A step waits for one that does not exist.
    UnknownDependency {
        /// Name of the template.
        template: String,
        /// The step that waits.
        step: String,
        /// What it waits for.
        dependency: String,
    },
    /// Steps wait for each other.
    Cycle {
        /// Name of the template.
        template: String,
        /// The steps of the cycle in the order they would run; the first is repeated at the end.
        steps: Vec<String>,
    },
}

impl fmt::Display for TemplateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSteps { template } => write!(formatter, "template `{template}` has no steps"),
            Self::DuplicateStep { template, step } => {
                write!(
                    formatter,
                    "template `{template}` has two steps named `{step}`"
                )
            }
            Self::UnknownDependency {
                template,
                step,
                dependency,
            } => write!(
                formatter,
                "step `{step}` of template `{template}` runs after `{dependency}`, which does not exist"
            ),
            Self::Cycle { template, steps } => write!(
                formatter,
                "template `{template}` has a cycle: {}",
                steps.join(" → ")
            ),
        }
    }
}

impl std::error::Error for TemplateError {}

/// Resolves the names of dependencies to positions and refuses what is not a DAG.
pub(super) fn resolve(
    template: &str,
    declared: Vec<Step>,
) -> Result<Vec<TemplateStep>, TemplateError> {
    if declared.is_empty() {
        return Err(TemplateError::NoSteps {
            template: template.to_owned(),
        });
    }
    let dependencies = resolve_names(template, &declared)?;
    let dependents = reverse(&dependencies);
    let stuck = steps_that_never_run(&dependencies, &dependents);
    if let Some(cycle) = find_cycle(&dependencies, &stuck) {
        return Err(TemplateError::Cycle {
            template: template.to_owned(),
            steps: cycle
                .into_iter()
                .map(|step| declared[step].name.clone())
                .collect(),
        });
    }
    Ok(declared
        .into_iter()
        .zip(dependencies)
        .zip(dependents)
        .map(|((step, dependencies), dependents)| TemplateStep {
            handler: step.handler.unwrap_or_else(|| step.name.clone()),
            name: step.name,
            input: step.input,
            retry: step.retry,
            attempt_timeout: step.attempt_timeout,
            dependencies,
            dependents,
        })
        .collect())
}

fn resolve_names(template: &str, declared: &[Step]) -> Result<Vec<Vec<usize>>, TemplateError> {
    let mut positions = HashMap::with_capacity(declared.len());
    for (position, step) in declared.iter().enumerate() {
        if positions.insert(step.name.as_str(), position).is_some() {
            return Err(TemplateError::DuplicateStep {
                template: template.to_owned(),
                step: step.name.clone(),
            });
        }
    }
    let resolve_step = |step: &Step| {
        let mut resolved = Vec::with_capacity(step.dependencies.len());
        for dependency in &step.dependencies {
            let Some(&position) = positions.get(dependency.as_str()) else {
                return Err(TemplateError::UnknownDependency {
                    template: template.to_owned(),
                    step: step.name.clone(),
                    dependency: dependency.clone(),
                });
            };
            if !resolved.contains(&position) {
                resolved.push(position);
            }
        }
        Ok(resolved)
    };
    declared.iter().map(resolve_step).collect()
}

fn reverse(dependencies: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut dependents = vec![Vec::new(); dependencies.len()];
    for (step, before) in dependencies.iter().enumerate() {
        for &dependency in before {
            dependents[dependency].push(step);
        }
    }
    dependents
}

/// Runs the graph on paper (Kahn's algorithm); `true` marks a step whose turn never comes.
fn steps_that_never_run(dependencies: &[Vec<usize>], dependents: &[Vec<usize>]) -> Vec<bool> {
    let mut missing: Vec<usize> = dependencies.iter().map(Vec::len).collect();
    let mut runnable: Vec<usize> = (0..missing.len())
        .filter(|&step| missing[step] == 0)
        .collect();
    let mut stuck = vec![true; missing.len()];
    while let Some(step) = runnable.pop() {
        stuck[step] = false;
        for &dependent in &dependents[step] {
            missing[dependent] -= 1;
            if missing[dependent] == 0 {
                runnable.push(dependent);
            }
        }
    }
    stuck
}

/// A cycle among the stuck steps, in running order, beginning and ending with the member
/// declared first.
fn find_cycle(dependencies: &[Vec<usize>], stuck: &[bool]) -> Option<Vec<usize>> {
    // Every stuck step waits for a stuck step, so walking from one to the next must come back
    // to a step already walked.
    let mut walked = Vec::new();
    let mut step = stuck.iter().position(|&is_stuck| is_stuck)?;
    let start = loop {
        if let Some(start) = walked.iter().position(|&earlier| earlier == step) {
            break start;
        }
        walked.push(step);
        step = *dependencies[step].iter().find(|&&before| stuck[before])?;
    };
    let mut cycle = walked.split_off(start);
    cycle.reverse();
    let first = cycle.iter().enumerate().min_by_key(|(_, step)| **step)?.0;
    cycle.rotate_left(first);
    cycle.push(cycle[0]);
    Some(cycle)
}

#[cfg(test)]
mod tests {
    use super::super::Template;
    use super::*;

    fn refusal(steps: &[(&str, &[&str])]) -> String {
        let mut builder = Template::builder("t");
        for (name, dependencies) in steps {
            let step = dependencies
                .iter()
                .fold(Step::new(*name), |step, dependency| step.after(*dependency));
            builder = builder.step(step);
        }
        builder
            .build()
            .expect_err("the template must be refused")
            .to_string()
    }

    #[test]
    fn a_cycle_is_named_in_running_order() {
        assert_eq!(
            refusal(&[("a", &["b"]), ("b", &["a"])]),
            "template `t` has a cycle: a → b → a"
        );
        assert_eq!(
            refusal(&[
                ("start", &[]),
                ("a", &["start", "c"]),
                ("b", &["a"]),
                ("c", &["b"])
            ]),
            "template `t` has a cycle: a → b → c → a"
        );
    }

    #[test]
    fn the_cycle_is_named_without_the_steps_that_merely_wait_for_it() {
        assert_eq!(
            refusal(&[("waits", &["b"]), ("a", &["b"]), ("b", &["a"])]),
            "template `t` has a cycle: a → b → a"
        );
    }

    #[test]
    fn a_step_after_itself_is_a_cycle() {
        assert_eq!(refusal(&[("a", &["a"])]), "template `t` has a cycle: a → a");
    }

    #[test]
    fn an_unknown_dependency_is_named_with_the_step_that_wants_it() {
        assert_eq!(
            refusal(&[("a", &["b"])]),
            "step `a` of template `t` runs after `b`, which does not exist"
        );
    }

    #[test]
    fn a_duplicate_name_is_refused() {
        assert_eq!(
            refusal(&[("a", &[]), ("a", &[])]),
            "template `t` has two steps named `a`"
        );
    }

    #[test]
    fn a_template_without_steps_is_refused() {
        assert_eq!(refusal(&[]), "template `t` has no steps");
    }

    #[test]
    fn naming_a_dependency_twice_is_naming_it_once() {
        let template = Template::builder("t")
            .step(Step::new("b").after("a").after("a"))
            .step(Step::new("a"))
            .build()
            .expect("acyclic");
        assert_eq!(template.steps()[0].dependencies(), [1]);
        assert_eq!(template.steps()[1].dependents(), [0]);
    }
}
