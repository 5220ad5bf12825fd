//! `capture`: list, show, export and remove stored captures.

pub mod export;

use anyhow::Result;

use super::{Context, captures, kept, selection::Selection, suites};
use crate::{cli, render, render::capture::Line, store::check_name};

/// What to do with which capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// List all.
    List,
    /// Show what one holds and where it comes from.
    Show(String),
    /// Write one for other tools.
    Export(export::Request),
    /// Remove one.
    Remove(String),
}

impl From<cli::Capture> for Request {
    fn from(typed: cli::Capture) -> Self {
        match typed {
            cli::Capture::List => Self::List,
            cli::Capture::Show { name } => Self::Show(name),
            cli::Capture::Export {
                name,
                filter,
                form,
                output,
            } => Self::Export(export::Request {
                name,
                form: form.into(),
                filter,
                output,
            }),
            cli::Capture::Remove { name } => Self::Remove(name),
        }
    }
}

/// Does it.
///
/// # Errors
/// If there is no capture of that name, it is damaged, or something cannot be written.
pub fn run(context: &Context<'_>, request: &Request) -> Result<()> {
    let workspace = suites::discover(context, &Selection::default())?;
    let store = captures::store_folder(context, &workspace);
    let host = context.host;
    match request {
        Request::List => {
            let mut lines = Vec::new();
            for name in captures::names(context, &store)? {
                // One that cannot be read must not hide the others.
                let line = captures::load(context, &store, &name).map(|stored| stored.capture);
                lines.push(match line {
                    Ok(capture) => Line::Whole(capture),
                    Err(error) => Line::Unreadable(
                        name,
                        format!("{error:#}")
                            .lines()
                            .next()
                            .unwrap_or_default()
                            .to_owned(),
                    ),
                });
            }
            if lines.is_empty() {
                let hint = format!("{} bench --save NAME", context.program());
                host.note(&format!(
                    "no captures in `{}`; `{hint}` makes one\n",
                    context.shown(&store)
                ));
            }
            host.print(&render::capture::list(&lines))
        }
        Request::Show(name) => {
            let stored = captures::load(context, &store, name)?;
            host.print(&render::capture::show(&stored.capture))
        }
        Request::Export(request) => export::run(context, &workspace, &store, request),
        Request::Remove(name) => {
            check_name(name)?;
            // One that cannot be read names no trees that could be found.
            let trees = captures::load(context, &store, name)
                .map(|stored| kept::trees(&stored.capture))
                .unwrap_or_default();
            if !host.remove_capture(&store, name)? {
                return Err(captures::unknown(context, &store, name)?.into());
            }
            kept::drop_trees(context, &workspace, &store, trees);
            host.note(&format!("removed `{}`\n", context.shown(&store.join(name))));
            Ok(())
        }
    }
}
