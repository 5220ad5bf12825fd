//! `--repeat`: several runs in one profile, and how far they agree.

use anyhow::Result;

use super::super::{Context, recording::Taken};

/// Records `count` runs, and says what recorded them and how far they agree.
pub(super) fn runs(
    context: &Context<'_>,
    id: &str,
    count: u32,
    record: impl Fn() -> Result<Taken>,
) -> Result<Taken> {
    let mut joined = record()?;
    joined.announce(context);
    let mut cpu_ns: Vec<f64> = joined.cpu_ns_per_iteration().into_iter().collect();
    for run in 1..count {
        let next = record()?;
        cpu_ns.extend(next.cpu_ns_per_iteration());
        joined.add(next, run);
    }
    if let Some(percent) = variation_percent(&cpu_ns) {
        context.host.note(&format!(
            "{count} runs of `{id}`: their CPU time differs by {percent:.1} % (coefficient of variation)\n"
        ));
    }
    Ok(joined)
}

/// The sample's standard deviation in percent of its mean; `None` for fewer than two numbers.
fn variation_percent(numbers: &[f64]) -> Option<f64> {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    if numbers.len() < 2 || mean <= 0.0 {
        return None;
    }
    let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    Some(100.0 * (squares / (count - 1.0)).sqrt() / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variation_is_that_of_the_sample_in_percent_of_its_mean() {
        assert_eq!(variation_percent(&[9.0, 10.0, 11.0]), Some(10.0));
        assert_eq!(variation_percent(&[10.0]), None);
        assert_eq!(variation_percent(&[]), None);
        assert_eq!(variation_percent(&[0.0, 0.0]), None);
    }
}
