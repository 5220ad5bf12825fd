//! What is known of the recorded processes: names and mappings.
//!
//! A process that is forked has its parent's mappings until it executes a program. Most children of a shell live
//! so for a moment only; what they have is written when a sample shows that it matters.

use std::collections::HashMap;

use yardstick_probe::wire::recording::Module;

/// One thing that is known of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// The name of a thread.
    Name(i32, String),
    /// A mapped file.
    Module(Module),
}

/// All recorded processes, by process id.
#[derive(Debug, Default)]
pub(super) struct Processes(HashMap<i32, Process>);

#[derive(Debug, Default)]
struct Process {
    names: HashMap<i32, String>,
    modules: Vec<Module>,
    /// What nobody has asked for yet.
    news: Vec<Fact>,
}

impl Processes {
    /// The process maps a file.
    pub(super) fn map(&mut self, pid: i32, module: Module) {
        let process = self.0.entry(pid).or_default();
        process.modules.push(module.clone());
        process.news.push(Fact::Module(module));
    }

    /// A thread of the process gets a name.
    pub(super) fn name(&mut self, pid: i32, tid: i32, name: String) {
        let process = self.0.entry(pid).or_default();
        process.names.insert(tid, name.clone());
        process.news.push(Fact::Name(tid, name));
    }

    /// The process executes a program, which takes the place of all that was mapped.
    pub(super) fn execute(&mut self, pid: i32) {
        let process = self.0.entry(pid).or_default();
        process.modules.clear();
        process.news.retain(|fact| matches!(fact, Fact::Name(..)));
    }

    /// The thread `from` starts a thread, of its own process or as the first one of another, which has its name.
    pub(super) fn fork(&mut self, from: (i32, i32), to: (i32, i32)) {
        let Some(parent) = self.0.get(&from.0) else {
            return;
        };
        let name = parent.names.get(&from.1).cloned();
        if from.0 != to.0 {
            let modules = parent.modules.clone();
            let process = Process {
                news: modules.iter().cloned().map(Fact::Module).collect(),
                modules,
                ..Process::default()
            };
            self.0.insert(to.0, process);
        }
        if let Some(name) = name {
            self.name(to.0, to.1, name);
        }
    }

    /// What became known of a process since this was asked last.
    pub(super) fn news(&mut self, pid: i32) -> Vec<Fact> {
        let process = self.0.get_mut(&pid);
        process.map_or_else(Vec::new, |process| std::mem::take(&mut process.news))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str) -> Module {
        Module {
            start: 1,
            end: 2,
            file_offset: 0,
            build_id: Vec::new(),
            path: path.to_owned(),
        }
    }

    fn named(tid: i32, name: &str) -> Fact {
        Fact::Name(tid, name.to_owned())
    }

    #[test]
    fn a_forked_process_has_the_mappings_and_the_name_of_its_parent_until_it_executes_a_program() {
        let mut processes = Processes::default();
        processes.map(7, module("sh"));
        processes.name(7, 7, "sh".to_owned());
        processes.fork((7, 7), (8, 8));
        processes.fork((7, 7), (9, 9));
        processes.execute(9);
        processes.name(9, 9, "worker".to_owned());
        processes.map(9, module("worker"));
        assert_eq!(
            processes.news(8),
            [Fact::Module(module("sh")), named(8, "sh")]
        );
        assert_eq!(
            processes.news(9),
            [
                named(9, "sh"),
                named(9, "worker"),
                Fact::Module(module("worker"))
            ]
        );
        assert_eq!(processes.news(9), []);
    }

    #[test]
    fn a_thread_has_the_name_of_the_one_that_starts_it() {
        let mut processes = Processes::default();
        processes.name(7, 7, "main".to_owned());
        processes.name(7, 8, "worker".to_owned());
        processes.news(7);
        processes.fork((7, 8), (7, 9));
        assert_eq!(processes.news(7), [named(9, "worker")]);
    }
}
