//! `cargo xtask`: the yardstick toolkit, run on this workspace.

fn main() -> std::process::ExitCode {
    yardstick::run(yardstick::Invocation::Xtask)
}
