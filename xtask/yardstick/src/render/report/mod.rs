//! A comparison as one page for a browser: it needs nothing but itself, and asks no network for anything.
//!
//! Whatever is read first is plain HTML; what is long, the tables of rounds and functions, is data that a script of the page
//! turns into rows when somebody looks at it.

mod basis;
mod benchmark;
mod data;
mod fragment;
mod plots;
mod prose;
mod summary;
mod table;
mod whereabouts;

use base64::{Engine, prelude::BASE64_STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::settlement::{self, Report};
use data::Names;
use fragment::Fragments;

const STYLE: &str = concat!(
    include_str!("page.css"),
    include_str!("table.css"),
    include_str!("plots.css"),
    include_str!("functions.css"),
    include_str!("../flame/flame.css"),
    include_str!("print.css")
);

/// What must be known before anything is drawn: the theme that was chosen, and that there is a script.
const EARLY_SCRIPT: &str = include_str!("early.js");

const SCRIPT: &str = concat!(
    "'use strict';\n(() => {\n",
    include_str!("tables.js"),
    include_str!("../flame/flame.js"),
    include_str!("details.js"),
    include_str!("functions.js"),
    include_str!("pages.js"),
    "})();\n"
);

/// The whole page.
pub fn html(report: &Report<'_>) -> String {
    let names = report.settlement.sides.as_ref();
    let names = names.map(|side| side.name.as_str());
    let title = format!("{} → {}", names.before, names.after);
    let fragments = Fragments::of(report.settlement);
    let rows = settlement::table::rows(report.settlement);
    let mut names = Names::default();
    let benchmarks = benchmark::pages(report, &rows, &fragments, &mut names);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(&title))
            body {
                a.skip href="#verdicts" { "Skip to the verdicts" }
                (summary::banner(report))
                main #main {
                    div #overview {
                        (summary::summary(report, &rows))
                        (table::table(report, &rows, &fragments))
                        (basis::sections(report))
                    }
                    div #benchmarks { (benchmarks) }
                }
                footer { p { "Made by " code { (report.program) " compare" } "; this file needs nothing but itself." } }
                script #data type="application/json" { (PreEscaped(data::json(report, names))) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

fn head(title: &str) -> Markup {
    let policy = format!(
        "default-src 'none'; img-src data:; script-src {} {}; style-src {}; base-uri 'none'; form-action 'none'",
        source(EARLY_SCRIPT),
        source(SCRIPT),
        source(STYLE)
    );
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            // A browser asks its server for an icon where a page names none.
            link rel="icon" href="data:,";
            title { (title) " · Yardstick" }
            style { (PreEscaped(STYLE)) }
            script { (PreEscaped(EARLY_SCRIPT)) }
        }
    }
}

/// What a policy calls the text of a script or style that may be in force.
fn source(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests;
