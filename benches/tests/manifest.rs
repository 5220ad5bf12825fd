//! The manifest tells the toolkit about benchmarks that exist, and about all that the rows name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every benchmark that has to exist, without those that are written down beyond them.
const NAMED: &[&str] = &[
    "actor_spawn_single",
    "actor_spawn_batch_10",
    "actor_spawn_batch_100",
    "actor_spawn_batch_1000",
    "actor_message_throughput",
    "actor_state_access",
    "actor_lifecycle",
    "message_send_receive_single",
    "message_throughput_sustained",
    "message_broadcast_10",
    "message_broadcast_100",
    "message_queue_depth",
    "mailbox_enqueue",
    "mailbox_dequeue",
    "broker_routing",
    "supervisor_child_spawn",
    "supervisor_restart_one_for_one",
    "supervisor_restart_one_for_all",
    "supervisor_restart_rest_for_one",
    "supervisor_health_check",
    "supervision_tree_depth_3",
    "supervision_tree_width_10",
    "memory_per_actor/allocator",
    "memory_per_actor/rss",
    "memory_per_mailbox_bounded/allocator",
    "memory_per_mailbox_bounded/rss",
    "memory_per_mailbox_unbounded/allocator",
    "memory_per_mailbox_unbounded/rss",
    "cpu_idle_actors",
    "cpu_active_actors",
    "task_spawn_overhead",
    "e2e_latency/linear_native",
    "e2e_latency/diamond_native",
];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file exists")
}

/// All strings in double quotes.
fn strings(text: &str) -> BTreeSet<&str> {
    text.lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_benchmark_that_is_asked_for_has_a_control_in_the_manifest() {
    let manifest = read("Cargo.toml");
    for id in NAMED {
        let entry = format!("\"{id}\" = {{ control = \"control_");
        assert!(
            manifest.contains(&entry),
            "the manifest names no control of `{id}`"
        );
    }
}

#[test]
fn every_benchmark_in_the_manifest_is_in_a_suite() {
    let suites = ["actor", "message", "supervisor", "resource", "e2e"]
        .map(|suite| read(&format!("suites/{suite}.rs")))
        .concat();
    let in_suites = strings(&suites);
    let manifest = read("Cargo.toml");
    let is_id = |text: &&&str| {
        [
            "actor_",
            "message_",
            "mailbox_",
            "broker_",
            "supervisor_",
            "supervision_",
            "memory_",
            "cpu_",
            "task_",
            "e2e_",
            "control_",
        ]
        .iter()
        .any(|prefix| text.starts_with(prefix))
    };
    let manifest_strings = strings(&manifest);
    let ids = manifest_strings.iter().filter(is_id).collect::<Vec<_>>();
    assert!(ids.len() > 60, "{} ids were found", ids.len());
    for id in ids {
        // Memory is measured by two accounts, whose names the suite appends.
        let group = id
            .strip_suffix("/allocator")
            .or_else(|| id.strip_suffix("/rss"))
            .unwrap_or(id);
        assert!(in_suites.contains(group), "no suite has a benchmark `{id}`");
    }
}
