//! Yardstick.
pub enum Invocation { Xtask, CargoSubcommand }
pub fn run(_i: Invocation) -> std::process::ExitCode { std::process::ExitCode::SUCCESS }
