//! A settlement, shown.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{gate, page, stored};
use crate::{
    analysis::{opinions::explain, verdict},
    cmd::{
        Context,
        compare::{
            request::{Format, Gate, Request},
            rounds::journal::Journal,
        },
    },
    model::{benchmark::BenchmarkKey, settlement::Settlement},
    problem::ExitCode,
    render::{self, settlement::Report},
};

/// Shows a settlement that is stored in `journal`, and says how the program ends.
///
/// Where both sides are captures, what their profiles say follows.
///
/// # Errors
/// If something cannot be printed or drawn.
pub fn show(
    context: &Context<'_>,
    request: &Request,
    settlement: &Settlement,
    journal: &Journal,
) -> Result<ExitCode> {
    let report = Report {
        settlement,
        overall: verdict::overall(&settlement.answers),
        opinions: opinions(settlement),
        dropped: settlement
            .rounds
            .iter()
            .filter_map(|round| verdict::dropped(&settlement.plan, round))
            .collect(),
        courses: verdict::courses(settlement),
        program: context.program(),
        stored: (journal.number(), context.shown(journal.folder())),
    };
    let text = match request.format {
        Format::Terminal => {
            for warning in &settlement.warnings {
                context.warn(&warning.text);
            }
            render::settlement::terminal(&report, context.host.terminal().width.columns())
        }
        Format::Markdown => render::settlement::markdown(&report),
        Format::Json => render::json::settlement::json(&report),
    };
    context.host.print(&text)?;
    page::write(context, &report, journal, request.page);
    // Drawing takes a while, and fails after Ctrl-C: the answers are out by then.
    context
        .host
        .print(&stored::profiles(context, settlement, request.format)?)?;
    Ok(match request.gate {
        Gate::Open => ExitCode::Success,
        Gate::Enforced => gate::exit_code(settlement),
    })
}

/// What the counts add to the answers, in words. A benchmark that was asked two questions says the same only once.
fn opinions(settlement: &Settlement) -> BTreeMap<BenchmarkKey, Vec<String>> {
    let mut opinions: BTreeMap<BenchmarkKey, Vec<String>> = BTreeMap::new();
    for answer in &settlement.answers {
        let key = &answer.question.key;
        let Some(counts) = settlement.second_opinions.get(key) else {
            continue;
        };
        let said = opinions.entry(key.clone()).or_default();
        for sentence in explain(answer, counts) {
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        }
    }
    opinions
}
