//! The report as a page for a browser, beside what it is made from.

use std::collections::BTreeMap;

use crate::{
    cmd::{
        Context,
        compare::{request::Page, rounds::journal::Journal},
    },
    render::{self, settlement::Report},
};

/// The name of the page in the folder of its run.
const FILE: &str = "report.html";

/// Keeps the page out of version control: it follows from what lies beside it.
const IGNORE: (&str, &[u8]) = (".gitignore", b"/report.html\n");

/// Writes the page, tells its path, and opens it where that was asked for.
///
/// Nothing depends on it: where it cannot be written, say in a store that may only be read, or not be opened, the answer
/// stands and a warning says so.
pub fn write(context: &Context<'_>, report: &Report<'_>, journal: &Journal, page: Page) {
    let files = BTreeMap::from([
        (FILE.to_owned(), render::report::html(report).into_bytes()),
        (IGNORE.0.to_owned(), IGNORE.1.to_owned()),
    ]);
    if let Err(error) = context.host.write_files(journal.folder(), &files) {
        context.warn(&format!("the report could not be written: {error:#}"));
        return;
    }
    let path = journal.folder().join(FILE);
    let shown = context.shown(&path);
    context
        .host
        .note(&format!("the report, for a browser: {shown}\n"));
    if page == Page::Opened
        && let Err(error) = context.host.open(&path)
    {
        context.warn(&format!("the report is not opened: {error:#}"));
    }
}
