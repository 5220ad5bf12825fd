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
            whereabouts::{differences, stored as recorded},
        },
    },
    model::{benchmark::BenchmarkKey, layers::Layers, settlement::Settlement},
    problem::ExitCode,
    render::{self, settlement::Report},
};

/// Shows the answers of a settlement that is stored in `journal`. What is shown whole waits for [`whereabouts`].
///
/// # Errors
/// If something cannot be printed.
pub fn verdicts(
    context: &Context<'_>,
    request: &Request,
    settlement: &Settlement,
    journal: &Journal,
) -> Result<()> {
    let report = report(context, settlement, journal);
    let text = match request.format {
        Format::Terminal => {
            for warning in &settlement.warnings {
                context.warn(&warning.text);
            }
            render::settlement::terminal(&report, context.host.terminal().width.columns())
        }
        Format::Markdown => render::settlement::markdown(&report),
        Format::Json => return Ok(()),
    };
    context.host.print(&text)
}

/// Shows where the time went, and says how the program ends.
///
/// That is what was recorded after the rounds, or else what the profiles of two captures say.
///
/// # Errors
/// If a recording is damaged, or something cannot be printed or drawn.
pub fn whereabouts(
    context: &Context<'_>,
    request: &Request,
    settlement: &Settlement,
    journal: &Journal,
    layers: &Layers,
) -> Result<ExitCode> {
    let recorded = recorded::read(context, journal)?;
    let mut report = report(context, settlement, journal);
    report.profiles = differences::rows(settlement, recorded, layers);
    // Whatever becomes of it, the page shows all that there is.
    let shown = whereabouts_text(context, request.format, &report)
        .and_then(|text| context.host.print(&text));
    page::write(context, &report, journal, request.page);
    shown?;
    Ok(match request.gate {
        Gate::Open => ExitCode::Success,
        Gate::Enforced => gate::exit_code(settlement),
    })
}

fn report<'a>(context: &Context<'_>, settlement: &'a Settlement, journal: &Journal) -> Report<'a> {
    Report {
        settlement,
        overall: verdict::overall(&settlement.answers),
        opinions: opinions(settlement),
        dropped: settlement
            .rounds
            .iter()
            .filter_map(|round| verdict::dropped(&settlement.plan, round))
            .collect(),
        courses: verdict::courses(settlement),
        profiles: Vec::new(),
        program: context.program(),
        stored: (journal.number(), context.shown(journal.folder())),
    }
}

fn whereabouts_text(context: &Context<'_>, format: Format, report: &Report<'_>) -> Result<String> {
    let rows = &report.profiles;
    Ok(match format {
        Format::Json => render::json::settlement::json(report),
        format if rows.is_empty() => stored::profiles(context, report.settlement, format)?,
        Format::Terminal => {
            let columns = context.host.terminal().width.columns();
            render::difference::rows::terminal(rows, columns)
        }
        Format::Markdown => render::difference::rows::markdown(rows),
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
