//! `cargo yardstick`: the toolkit for every workspace that has no `cargo xtask` of its own.

fn main() -> std::process::ExitCode {
    yardstick::run(yardstick::Invocation::CargoSubcommand)
}
