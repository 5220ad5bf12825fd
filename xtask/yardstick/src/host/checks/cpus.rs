//! Which CPUs we may use.

use std::thread;

use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

/// This thread, for the scheduler.
const THIS_THREAD: Pid = Pid::from_raw(0);

pub(in crate::host) fn allowed() -> Vec<u32> {
    match sched_getaffinity(THIS_THREAD) {
        Ok(set) => cpus(&set).map(|cpu| cpu as u32).collect(),
        Err(_) => Vec::new(),
    }
}

/// Pins a thread of our own to the last CPU that it may use. The thread ends, and the pin with it.
pub(super) fn can_pin() -> bool {
    let attempt = || {
        let allowed = sched_getaffinity(THIS_THREAD)?;
        let mut one = CpuSet::new();
        one.set(cpus(&allowed).last().unwrap_or(0))?;
        sched_setaffinity(THIS_THREAD, &one)
    };
    thread::spawn(attempt)
        .join()
        .is_ok_and(|result| result.is_ok())
}

fn cpus(set: &CpuSet) -> impl Iterator<Item = usize> + '_ {
    (0..CpuSet::count()).filter(|cpu| set.is_set(*cpu).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinning_a_thread_leaves_the_process_all_its_cpus() {
        let before = allowed();
        assert!(!before.is_empty());
        can_pin();
        assert_eq!(allowed(), before);
    }
}
