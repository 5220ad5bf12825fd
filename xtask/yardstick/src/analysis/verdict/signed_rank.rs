//! The signed-rank test of Wilcoxon (1945), exactly, and what Hodges and Lehmann (1963) made of
//! it: an estimate of the centre, and the interval of all centres that the test does not reject.

/// A centre and the interval around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Centre {
    /// The median of the Walsh averages.
    pub estimate: f64,
    /// The smallest centre that is not rejected.
    pub lower: f64,
    /// The greatest one.
    pub upper: f64,
}

/// The chance of each sum of ranks up to `n(n+1)/4`, the middle: element `w` is P(W = w).
///
/// The largest rank either counts or does not, with even chances:
/// `P_n(w) = (P_{n−1}(w) + P_{n−1}(w − n)) / 2`. The chances of a table are whole multiples of
/// `2^−n`, so they are exact here up to n = 53, and to some 14 digits beyond.
pub fn lower_half(n: usize) -> Vec<f64> {
    let mut chances = vec![0.0; n * (n + 1) / 4 + 1];
    chances[0] = 1.0;
    for rank in 1..=n {
        for sum in (0..chances.len()).rev() {
            let with_rank = if sum >= rank {
                chances[sum - rank]
            } else {
                0.0
            };
            chances[sum] = (chances[sum] + with_rank) / 2.0;
        }
    }
    chances
}

/// The greatest sum of ranks that a two-sided test at level `alpha` rejects: the greatest `w`
/// with P(W ≤ w) ≤ α/2. `None` where n observations can reject nothing.
pub fn critical_value(n: usize, alpha: f64) -> Option<usize> {
    let mut cumulative = 0.0;
    let rejected = lower_half(n)
        .into_iter()
        .take_while(|chance| {
            cumulative += chance;
            cumulative <= alpha / 2.0
        })
        .count();
    rejected.checked_sub(1)
}

/// The averages of all pairs of observations, each with itself included (Walsh 1949):
/// n(n+1)/2 of them, in no order.
pub fn walsh_averages(observations: &[f64]) -> Vec<f64> {
    let mut averages = Vec::with_capacity(observations.len() * (observations.len() + 1) / 2);
    for (index, first) in observations.iter().enumerate() {
        averages.extend(
            observations[index..]
                .iter()
                .map(|second| (first + second) / 2.0),
        );
    }
    averages
}

/// The Hodges–Lehmann estimate with the interval that the exact test at level `alpha` inverts
/// to: order statistics of the Walsh averages.
///
/// `None` where there are too few observations for `alpha`, so that the interval has no ends.
/// Ties and zeros make the interval, which includes its ends, cover more, never less.
pub fn centre(observations: &[f64], alpha: f64) -> Option<Centre> {
    let critical = critical_value(observations.len(), alpha)?;
    let mut averages = walsh_averages(observations);
    let last = averages.len() - 1;
    let lower = order_statistic(&mut averages, critical);
    let upper = order_statistic(&mut averages, last - critical);
    Some(Centre {
        estimate: median(&mut averages),
        lower,
        upper,
    })
}

/// The median of the Walsh averages, the mean of the middle two where there are two; `None` of
/// nothing.
pub fn hodges_lehmann(observations: &[f64]) -> Option<f64> {
    (!observations.is_empty()).then(|| median(&mut walsh_averages(observations)))
}

fn median(values: &mut [f64]) -> f64 {
    let last = values.len() - 1;
    (order_statistic(values, last / 2) + order_statistic(values, last.div_ceil(2))) / 2.0
}

/// The value at `index` of the ascending order.
fn order_statistic(values: &mut [f64], index: usize) -> f64 {
    *values.select_nth_unstable_by(index, f64::total_cmp).1
}

#[cfg(test)]
mod tests;
