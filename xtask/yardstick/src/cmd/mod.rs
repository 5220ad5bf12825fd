//! One file per verb.

use std::process::ExitCode;

use clap::Parser;

use crate::{Invocation, cli::Cli};

pub(crate) fn run(invocation: Invocation) -> ExitCode {
    let arguments = std::env::args_os()
        .enumerate()
        .filter(|(position, argument)| {
            // Cargo passes the subcommand's own name first.
            !(invocation == Invocation::CargoSubcommand
                && *position == 1
                && argument == "yardstick")
        });
    let _cli = Cli::parse_from(arguments.map(|(_, argument)| argument));
    ExitCode::SUCCESS
}
