//! The exact distribution against tables and enumeration, the interval against the test.

use proptest::prelude::*;

use super::*;

/// Critical values of the two-sided test: n, then the greatest rejected sum of ranks at 5 %,
/// 2 %, 1 % (McCornack 1965, as reprinted in most textbooks); -1 where nothing is rejected.
const TABLE: [(usize, [i32; 3]); 21] = [
    (5, [-1, -1, -1]),
    (6, [0, -1, -1]),
    (7, [2, 0, -1]),
    (8, [3, 1, 0]),
    (9, [5, 3, 1]),
    (10, [8, 5, 3]),
    (11, [10, 7, 5]),
    (12, [13, 9, 7]),
    (13, [17, 12, 9]),
    (14, [21, 15, 12]),
    (15, [25, 19, 15]),
    (16, [29, 23, 19]),
    (17, [34, 27, 23]),
    (18, [40, 32, 27]),
    (19, [46, 37, 32]),
    (20, [52, 43, 37]),
    (25, [89, 76, 68]),
    (30, [137, 120, 109]),
    (35, [195, 173, 159]),
    (40, [264, 238, 220]),
    (50, [434, 397, 373]),
];

#[test]
fn critical_values_are_those_of_the_published_table() {
    for (n, row) in TABLE {
        let computed = [0.05, 0.02, 0.01]
            .map(|alpha| critical_value(n, alpha).map_or(-1, |w| i32::try_from(w).unwrap()));
        assert_eq!(computed, row, "n = {n}");
    }
}

/// The sum of the ranks 1 to n that a pattern of signs, one bit a rank, makes positive.
fn rank_sum(n: usize, signs: u32) -> usize {
    (1..=n).filter(|rank| signs >> (rank - 1) & 1 == 1).sum()
}

#[test]
fn the_distribution_is_the_one_that_all_patterns_of_signs_make() {
    for n in 1..=12 {
        let mut counts = vec![0_u32; n * (n + 1) / 2 + 1];
        for signs in 0..1_u32 << n {
            counts[rank_sum(n, signs)] += 1;
        }
        let patterns = f64::from(1_u32 << n);
        for (sum, chance) in lower_half(n).into_iter().enumerate() {
            assert_eq!(
                chance * patterns,
                f64::from(counts[sum]),
                "n = {n}, W = {sum}"
            );
        }
    }
}

#[test]
fn the_distribution_sums_to_one_up_to_300_rounds() {
    for n in [1, 2, 50, 53, 60, 127, 200, 300] {
        let half: f64 = lower_half(n).iter().sum();
        // The other half mirrors it, and has the middle in common where there is one.
        let middle = match n * (n + 1) / 2 % 2 {
            0 => lower_half(n)[n * (n + 1) / 4],
            _ => 0.0,
        };
        assert!((2.0 * half - middle - 1.0).abs() < 1e-12, "n = {n}: {half}");
    }
}

#[test]
fn large_samples_follow_the_normal_approximation() {
    // Mean n(n+1)/4, variance n(n+1)(2n+1)/24; the 0.0005 quantile is -3.2905.
    for n in [150, 300] {
        let m = n as f64;
        let deviation = (m * (m + 1.0) * (2.0 * m + 1.0) / 24.0).sqrt();
        let approximate = m * (m + 1.0) / 4.0 - 3.290_527 * deviation;
        let exact = critical_value(n, 0.001).unwrap() as f64;
        assert!(
            (exact - approximate).abs() < 0.05 * deviation,
            "n = {n}: {exact} {approximate}"
        );
    }
}

#[test]
fn too_few_observations_have_no_interval() {
    assert_eq!(critical_value(0, 0.05), None);
    assert_eq!(centre(&[0.1, 0.2, 0.3, 0.4, 0.5], 0.05), None);
    // 2 / 2^n is reached exactly: the extreme pattern is rejected.
    assert_eq!(critical_value(6, 2.0 / 64.0), Some(0));
    assert_eq!(hodges_lehmann(&[]), None);
}

#[test]
fn the_estimate_is_the_median_of_the_averages_of_all_pairs() {
    // By hand: averages of {1, 2, 6} with themselves: 1, 1.5, 2, 3.5, 4, 6.
    assert_eq!(hodges_lehmann(&[6.0, 1.0, 2.0]), Some(2.75));
    assert_eq!(hodges_lehmann(&[4.0]), Some(4.0));
}

#[test]
fn observations_that_are_all_alike_have_an_interval_without_width() {
    let zeros = centre(&[0.0; 13], 0.001).unwrap();
    assert_eq!((zeros.lower, zeros.estimate, zeros.upper), (0.0, 0.0, 0.0));
}

/// The rank sum of the observations above `at`, by counting pairs whose average lies above.
fn signed_rank_sum(observations: &[f64], at: f64) -> usize {
    let mut deviations: Vec<f64> = observations.iter().map(|y| y - at).collect();
    deviations.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let positive = deviations.iter().enumerate().filter(|(_, d)| **d > 0.0);
    positive.map(|(index, _)| index + 1).sum()
}

proptest! {
    #[test]
    fn the_interval_holds_exactly_the_centres_that_the_test_does_not_reject(
        observations in prop::collection::vec(-1.0..1.0_f64, 6..30),
        alpha in prop::sample::select(vec![0.1, 0.05, 0.01]),
        at in -1.0..1.0_f64,
    ) {
        let n = observations.len();
        prop_assume!(critical_value(n, alpha).is_some());
        let critical = critical_value(n, alpha).unwrap();
        let interval = centre(&observations, alpha).unwrap();
        let above = signed_rank_sum(&observations, at);
        let below = n * (n + 1) / 2 - above;
        let rejected = above <= critical || below <= critical;
        let inside = interval.lower <= at && at <= interval.upper;
        prop_assert_eq!(inside, !rejected, "{:?} at {}", interval, at);
    }

    #[test]
    fn the_estimate_lies_in_the_interval_and_moves_with_the_observations(
        observations in prop::collection::vec(-1.0..1.0_f64, 8..40),
        shift in -4_i32..4,
    ) {
        let centred = centre(&observations, 0.05).unwrap();
        prop_assert!(centred.lower <= centred.estimate && centred.estimate <= centred.upper);
        let moved: Vec<f64> = observations.iter().map(|y| y + f64::from(shift)).collect();
        let moved = centre(&moved, 0.05).unwrap();
        prop_assert!((moved.estimate - centred.estimate - f64::from(shift)).abs() < 1e-12);
    }
}
