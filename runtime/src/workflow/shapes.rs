//! The usual shapes of templates, ready made.

use super::{Step, Template};

impl Template {
    /// `length` steps (0 counts as 1), each after the one before: `step_1` → … → `step_n`.
    ///
    /// All of them are executed by `handler`.
    pub fn linear(handler: &str, length: usize) -> Self {
        let mut builder = Self::builder(format!("linear_{length}"));
        for number in 1..=length.max(1) {
            let mut step = Step::new(format!("step_{number}")).handler(handler);
            if number > 1 {
                step = step.after(format!("step_{}", number - 1));
            }
            builder = builder.step(step);
        }
        built(builder.build())
    }

    /// `start`, then `width` steps (0 counts as 1) that may run at the same time, then `join`.
    ///
    /// With `width` 2 it has the four steps of the classic diamond. All of them are executed
    /// by `handler`.
    pub fn diamond(handler: &str, width: usize) -> Self {
        let mut builder =
            Self::builder(format!("diamond_{width}")).step(Step::new("start").handler(handler));
        let mut join = Step::new("join").handler(handler);
        for number in 1..=width.max(1) {
            let branch = format!("branch_{number}");
            join = join.after(branch.clone());
            builder = builder.step(Step::new(branch).handler(handler).after("start"));
        }
        built(builder.step(join).build())
    }

    /// A root and `depth` generations below it, every step leading to `fan_out` steps (0 counts as 1).
    ///
    /// The root is `root`, its children `root_1` … `root_n`, theirs `root_1_1` and so on. All
    /// of them are executed by `handler`.
    pub fn tree(handler: &str, depth: usize, fan_out: usize) -> Self {
        let mut builder = Self::builder(format!("tree_{depth}x{fan_out}"))
            .step(Step::new("root").handler(handler));
        let mut generation = vec!["root".to_owned()];
        for _ in 0..depth {
            let mut children = Vec::with_capacity(generation.len() * fan_out.max(1));
            for parent in &generation {
                for number in 1..=fan_out.max(1) {
                    let child = format!("{parent}_{number}");
                    let step = Step::new(child.clone()).handler(handler);
                    builder = builder.step(step.after(parent.clone()));
                    children.push(child);
                }
            }
            generation = children;
        }
        built(builder.build())
    }
}

fn built(template: Result<Template, super::TemplateError>) -> Template {
    template.expect("the ready-made shapes are acyclic and name their steps apart")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(template: &Template) -> Vec<(&str, Vec<&str>)> {
        let name = |index: &usize| template.steps()[*index].name();
        template
            .steps()
            .iter()
            .map(|step| (step.name(), step.dependencies().iter().map(name).collect()))
            .collect()
    }

    #[test]
    fn linear_chains_its_steps() {
        assert_eq!(
            edges(&Template::linear("h", 3)),
            [
                ("step_1", vec![]),
                ("step_2", vec!["step_1"]),
                ("step_3", vec!["step_2"])
            ]
        );
    }

    #[test]
    fn diamond_opens_and_joins() {
        assert_eq!(
            edges(&Template::diamond("h", 2)),
            [
                ("start", vec![]),
                ("branch_1", vec!["start"]),
                ("branch_2", vec!["start"]),
                ("join", vec!["branch_1", "branch_2"])
            ]
        );
    }

    #[test]
    fn tree_branches_at_every_step() {
        let tree = Template::tree("h", 3, 2);
        assert_eq!(tree.steps().len(), 1 + 2 + 4 + 8);
        assert!(
            tree.steps()
                .iter()
                .all(|step| matches!(step.dependents().len(), 0 | 2))
        );
        assert_eq!(
            tree.position("root_2_1_2")
                .map(|leaf| tree.transitive_dependencies(leaf).len()),
            Some(3)
        );
    }

    #[test]
    fn no_steps_count_as_one() {
        assert_eq!(Template::linear("h", 0).steps().len(), 1);
        assert_eq!(Template::diamond("h", 0).steps().len(), 3);
    }
}
