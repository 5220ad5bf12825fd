//! What cargo prints, and recordings of whole machines that replay it.

use yardstick::{config, parse};

use crate::Outcome;

/// `cargo metadata`: workspace, settings, further steps of `test`.
pub(crate) fn metadata(bytes: &[u8]) -> Outcome {
    let _ = parse::test_plan::tested_workspace(bytes);
    Outcome::of(&config::workspace(bytes))
}

/// The messages of a build, and what it says to people.
pub(crate) fn messages(bytes: &[u8]) -> Outcome {
    let workspace = config::workspace(METADATA).expect("it is what cargo writes");
    let found = parse::cargo::executables(bytes, &workspace, &workspace.suites);
    if let Ok(found) = &found {
        assert!(found.len() <= workspace.suites.len());
    }
    let _ = parse::cargo::compile_errors(bytes);
    let _ = parse::cargo::failed_unit(&String::from_utf8_lossy(bytes));
    Outcome::of(&found)
}

/// A workspace of one package with one suite, as cargo describes it.
const METADATA: &[u8] = br#"{"packages": [{"name": "a", "version": "0.1.0", "id": "path+file:///w#a@0.1.0", "dependencies": [], "targets": [{"kind": ["bench"], "crate_types": ["bin"], "name": "speed", "src_path": "/w/benches/speed.rs"}], "features": {}, "manifest_path": "/w/Cargo.toml"}], "workspace_members": ["path+file:///w#a@0.1.0"], "resolve": null, "target_directory": "/w/target", "version": 1, "workspace_root": "/w"}"#;

/// A recorded machine, and the parsers that get what it answers.
pub(crate) fn replayed_machine(bytes: &[u8]) -> Outcome {
    let Ok(machine) = parse::replayed::machine(&String::from_utf8_lossy(bytes)) else {
        return Outcome::Refused;
    };
    let _ = parse::flags::host_triple(&machine.rustc);
    let Ok(workspace) = config::workspace(&machine.metadata) else {
        return Outcome::Read;
    };
    let _ = parse::cargo::executables(&machine.build_messages, &workspace, &workspace.suites);
    for run in &machine.runs {
        let _ = parse::criterion::measurements(&run.criterion_files);
        let _ = parse::probe::records(&run.probe_files);
    }
    Outcome::Read
}
