//! Pictures of numbers, drawn as SVG within the page.

pub(super) mod compressed;
pub(super) mod intervals;
pub(super) mod levels;
pub(super) mod linear;
pub(super) mod overview;
mod points;
pub(super) mod rounds;

/// A coordinate: a tenth of a unit is finer than anybody sees.
pub(super) fn at(position: f64) -> String {
    let text = format!("{position:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A change on an axis: `+10 %`, `−2 %`, `0`.
pub(super) fn tick(change: f64) -> String {
    let percent = change * 100.0;
    let decimals = match percent.abs() {
        size if size < 0.095 => 2,
        size if size < 0.95 || (size - size.round()).abs() > 0.05 => 1,
        _ => 0,
    };
    match percent {
        percent if percent.abs() < 1e-9 => "0".to_owned(),
        percent if percent < 0.0 => format!("−{:.decimals$} %", -percent),
        percent => format!("+{percent:.decimals$} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_have_the_digits_that_they_need() {
        for (change, text) in [
            (0.0, "0"),
            (0.02, "+2 %"),
            (-0.005, "−0.5 %"),
            (0.025, "+2.5 %"),
            (0.0005, "+0.05 %"),
            (-0.5, "−50 %"),
            (9.0, "+900 %"),
        ] {
            assert_eq!(tick(change), text);
        }
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!(at(12.0), "12");
        assert_eq!(at(12.34), "12.3");
    }
}
