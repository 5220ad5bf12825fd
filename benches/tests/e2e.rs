//! The workloads of the suite `e2e` do what their ids say, in the wiring that this was built with.

use benches::executor::{current_thread, two_workers};
use benches::workflow::{self, Shape};

#[test]
fn every_task_completes_with_the_value_that_its_steps_compute() {
    for executor in [current_thread(), two_workers()] {
        for shape in [Shape::Linear, Shape::Diamond] {
            for iterations in [1, 300] {
                let elapsed = executor.block_on(workflow::engine(shape, iterations));
                assert!(!elapsed.is_zero());
                executor.block_on(workflow::direct_calls(shape, iterations));
            }
        }
    }
}

#[test]
fn both_shapes_have_four_steps_and_end_with_the_one_that_is_checked() {
    for shape in [Shape::Linear, Shape::Diamond] {
        let template = shape.template();
        assert_eq!(template.steps().len(), 4);
        let last = template
            .position(shape.last_step())
            .expect("the step exists");
        assert!(template.steps()[last].dependents().is_empty());
        assert_eq!(template.transitive_dependencies(last).len(), 3);
    }
}
