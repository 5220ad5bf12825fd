//! `[workspace.metadata.yardstick.margins]`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::question::{Margin, Margins};

const PARTS: [&str; 4] = ["default", "parallel", "suites", "benchmarks"];
const LEVELS: [&str; 3] = ["margin_percent", "warn_percent", "fail_percent"];

/// More than this is a slip: a program that may become eleven times as slow needs no gate.
const MOST_PERCENT: f64 = 1000.0;

/// Reads the table.
///
/// # Errors
/// If a part of it has no meaning; in words, with its place.
pub(super) fn margins(value: &Value) -> Result<Margins, String> {
    let parts = table("the table", value, &PARTS)?;
    let fallback = Margins::default();
    let default = match parts.get("default") {
        Some(value) => margin("default", value, fallback.default.relevant)?,
        None => fallback.default,
    };
    let parallel = match parts.get("parallel") {
        Some(value) => margin("parallel", value, fallback.parallel.relevant)?,
        None => default.at_least(fallback.parallel.relevant),
    };
    let named = |part: &str| -> Result<BTreeMap<String, Margin>, String> {
        let Some(value) = parts.get(part) else {
            return Ok(BTreeMap::new());
        };
        let entries = value.as_object().ok_or_else(|| {
            format!("`{part}` is a table of names, each with a margin; found `{value}`")
        })?;
        entries
            .iter()
            .map(|(name, value)| {
                let place = format!("{part}.{name}");
                Ok((name.clone(), margin(&place, value, default.relevant)?))
            })
            .collect()
    };
    Ok(Margins {
        default,
        parallel,
        suites: named("suites")?,
        benchmarks: named("benchmarks")?,
    })
}

/// A number of percent, or a table of levels.
fn margin(place: &str, value: &Value, otherwise: f64) -> Result<Margin, String> {
    if value.is_number() {
        return Ok(Margin::of(ratio(place, value)?));
    }
    let levels = table(place, value, &LEVELS)?;
    let level = |name: &str, otherwise: f64| match levels.get(name) {
        Some(value) => ratio(&format!("{place}.{name}"), value),
        None => Ok(otherwise),
    };
    let relevant = level("margin_percent", otherwise)?;
    let written_fail = levels.contains_key("fail_percent");
    let warn = level("warn_percent", relevant)?;
    let fail = level("fail_percent", warn)?;
    let percent = |ratio: f64| ratio * 100.0;
    if warn < relevant {
        return Err(format!(
            "`{place}`: `warn_percent` {} is less than `margin_percent` {}: below the margin there is no verdict to warn of",
            percent(warn),
            percent(relevant)
        ));
    }
    if written_fail && fail < relevant {
        return Err(format!(
            "`{place}`: `fail_percent` {} is less than `margin_percent` {}: below the margin there is no verdict to fail for",
            percent(fail),
            percent(relevant)
        ));
    }
    if fail < warn {
        return Err(format!(
            "`{place}`: `warn_percent` {} is more than `fail_percent` {}: a warning comes first",
            percent(warn),
            percent(fail)
        ));
    }
    Ok(Margin {
        relevant,
        warn,
        fail,
    })
}

fn ratio(place: &str, value: &Value) -> Result<f64, String> {
    match value.as_f64() {
        Some(percent) if percent > 0.0 && percent <= MOST_PERCENT => Ok(percent / 100.0),
        _ => Err(format!(
            "`{place}` is a number of percent, more than 0 and at most {MOST_PERCENT}; found `{value}`"
        )),
    }
}

fn table<'v>(
    place: &str,
    value: &'v Value,
    known: &[&str],
) -> Result<&'v Map<String, Value>, String> {
    let known_keys = format!("known are `{}`", known.join("`, `"));
    let table = value
        .as_object()
        .ok_or_else(|| format!("`{place}` is a table, of which {known_keys}; found `{value}`"))?;
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("`{place}` has no `{key}`; {known_keys}")),
        None => Ok(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Margins, String> {
        margins(&toml::from_str(toml).expect("TOML"))
    }

    fn levels(margin: Margin) -> [f64; 3] {
        [margin.relevant, margin.warn, margin.fail].map(|ratio| (ratio * 1e6).round() / 1e4)
    }

    #[test]
    fn nothing_said_is_two_percent_and_five_for_threads() {
        assert_eq!(read(""), Ok(Margins::default()));
    }

    #[test]
    fn levels_that_are_not_said_are_those_below_them() {
        let margins = read(
            "default = { margin_percent = 3, warn_percent = 10, fail_percent = 20 }\n\
             [suites]\nplain = 4\nwarned = { warn_percent = 10 }\n\
             [benchmarks]\n'a/b' = { margin_percent = 1, fail_percent = 5 }",
        )
        .expect("valid");
        assert_eq!(levels(margins.default), [3.0, 10.0, 20.0]);
        assert_eq!(levels(margins.parallel), [5.0, 10.0, 20.0]);
        assert_eq!(levels(margins.suites["plain"]), [4.0, 4.0, 4.0]);
        assert_eq!(levels(margins.suites["warned"]), [3.0, 10.0, 10.0]);
        assert_eq!(levels(margins.benchmarks["a/b"]), [1.0, 1.0, 5.0]);
    }

    #[test]
    fn what_has_no_meaning_is_refused_with_its_place_and_word() {
        for (toml, words) in [
            ("defaults = 2", ["the table", "`defaults`"]),
            ("default = '2 %'", ["`default`", "2 %"]),
            ("default = 0", ["`default`", "`0`"]),
            ("default = -2", ["`default`", "`-2`"]),
            ("default = 5000", ["`default`", "at most 1000"]),
            ("default = nan", ["`default`", "percent"]),
            ("parallel = { warn = 3 }", ["`parallel`", "`warn`"]),
            (
                "[suites]\ne2e = { warn_percent = 30, fail_percent = 20 }",
                ["`suites.e2e`", "`warn_percent` 30"],
            ),
            (
                "[benchmarks]\n'a/b' = { margin_percent = 8, warn_percent = 8, fail_percent = 5 }",
                ["`benchmarks.a/b`", "`fail_percent` 5"],
            ),
            (
                "default = { margin_percent = 5, warn_percent = 3 }",
                ["`default`", "`warn_percent` 3"],
            ),
            ("suites = 3", ["`suites`", "`3`"]),
        ] {
            let error = read(toml).expect_err(toml);
            for word in words {
                assert!(error.contains(word), "{toml}: {error}");
            }
        }
    }
}
