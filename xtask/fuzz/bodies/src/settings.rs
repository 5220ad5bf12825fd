//! What manifests say to us, in the form in which cargo passes it on.

use yardstick::{config, model::question::Margin, parse};

use crate::Outcome;

/// The `yardstick` table of a workspace, and of a package.
pub(crate) fn settings(bytes: &[u8]) -> Outcome {
    let Ok(settings) = std::str::from_utf8(bytes) else {
        return Outcome::Refused;
    };
    let mut outcome = Outcome::Refused;
    for metadata in [metadata(settings, "{}"), metadata("{}", settings)] {
        let _ = parse::test_plan::tested_workspace(metadata.as_bytes());
        let Ok(workspace) = config::workspace(metadata.as_bytes()) else {
            continue;
        };
        outcome = Outcome::Read;
        let margins = &workspace.margins;
        assert_in_order(&margins.default);
        assert_in_order(&margins.parallel);
        let named = margins.suites.values().chain(margins.benchmarks.values());
        named.for_each(assert_in_order);
    }
    outcome
}

/// What cargo says of a workspace of one package with these tables.
fn metadata(of_workspace: &str, of_package: &str) -> String {
    format!(
        r#"{{"packages": [{{"name": "a", "version": "0.1.0", "id": "a", "dependencies": [], "targets": [], "features": {{}}, "manifest_path": "/w/Cargo.toml", "metadata": {{"yardstick": {of_package}}}}}], "workspace_members": ["a"], "resolve": null, "target_directory": "/w/target", "version": 1, "workspace_root": "/w", "metadata": {{"yardstick": {of_workspace}}}}}"#
    )
}

fn assert_in_order(margin: &Margin) {
    let in_order = 0.0 < margin.relevant
        && margin.relevant <= margin.warn
        && margin.warn <= margin.fail
        && margin.fail.is_finite();
    assert!(in_order, "{margin:?}");
}
