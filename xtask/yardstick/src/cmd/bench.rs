//! `bench`: build, run, print a table, store.

use anyhow::Result;

use super::{
    Context,
    selection::{Selection, choose},
    suites::{self, BuildVariant},
};
use crate::cli;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// A suite, or a part of benchmark ids.
    pub filter: Option<String>,
    /// Where cargo's own selection narrows it further.
    pub selection: Selection,
}

impl From<cli::Bench> for Request {
    fn from(typed: cli::Bench) -> Self {
        Self {
            filter: typed.filter,
            selection: typed.cargo.into(),
        }
    }
}

/// Does it.
///
/// # Errors
/// Whatever kept it from being done.
pub fn run(context: &Context<'_>, request: Request) -> Result<()> {
    let selection = &request.selection;
    let workspace = suites::discover(context, selection)?;
    let chosen = choose(&workspace, selection, request.filter.as_deref())?;
    suites::name_hidden(context, &workspace, selection, &chosen);
    let executables = suites::build(
        context,
        &workspace,
        selection,
        &chosen.suites,
        &BuildVariant::default(),
    )?;
    let listed = suites::list(context, &workspace, executables, chosen.id_part.as_deref())?;
    for suite in &listed {
        context
            .host
            .print(&format!("{}\n", suite.executable.suite.label))?;
        for id in &suite.ids {
            context.host.print(&format!("  {id}\n"))?;
        }
    }
    Ok(())
}
