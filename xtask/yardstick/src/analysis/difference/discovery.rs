//! Which of many differences are more than chance.

/// The share of false ones among all that are called significant, where two families are read together, as
/// own and total times are: each has a half of 5 %.
pub(super) const FALSE_OF_TWO: f64 = 0.025;

/// The same of a family that stands by itself.
pub(super) const FALSE_ALONE: f64 = 0.05;

/// One difference of a family.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// How probable a difference at least as large is without a change.
    pub(super) p_value: f64,
    /// What part of the family's room for error it gets; any scale, nothing for what is not asked.
    pub(super) weight: f64,
}

/// Whether each difference is significant, with at most `false_share` of those that are being false: the procedure of Benjamini and Hochberg (1995) with weights
/// (Genovese, Roeder and Wasserman 2006, False discovery control with p-value weighting), which holds whatever
/// the weights are as long as the differences have no part in them.
pub(super) fn significant(family: &[Question], false_share: f64) -> Vec<bool> {
    let asked: Vec<usize> = (0..family.len())
        .filter(|&place| family[place].weight > 0.0)
        .collect();
    let whole: f64 = asked.iter().map(|&place| family[place].weight).sum();
    let mean_weight = whole / asked.len().max(1) as f64;
    let mut weighted: Vec<(f64, usize)> = asked
        .iter()
        .map(|&place| {
            let Question { p_value, weight } = family[place];
            (p_value * mean_weight / weight, place)
        })
        .collect();
    weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = weighted.len() as f64;
    let passes =
        |(rank, (p, _)): (usize, &(f64, usize))| *p <= false_share * (rank + 1) as f64 / count;
    let last = (0..weighted.len())
        .rev()
        .find(|&rank| passes((rank, &weighted[rank])));
    let mut found = vec![false; family.len()];
    for (_, place) in weighted.iter().take(last.map_or(0, |last| last + 1)) {
        found[*place] = true;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(p_values: &[f64]) -> Vec<Question> {
        p_values
            .iter()
            .map(|&p_value| Question {
                p_value,
                weight: 3.0,
            })
            .collect()
    }

    #[test]
    fn equal_weights_give_the_textbook_s_answer() {
        // Benjamini and Hochberg 1995, section 4.1: fifteen p-values, of which the four smallest are found at 5 %.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0000,
        ];
        let found = significant(&family(&p), FALSE_ALONE);
        assert_eq!(found.iter().filter(|found| **found).count(), 4);
        assert!(found[..4].iter().all(|found| *found));
    }

    #[test]
    fn a_small_p_value_carries_larger_ones_below_their_limit() {
        // 0.04 alone is more than 5 % / 2, but as the second of two it is below 5 %.
        assert_eq!(significant(&family(&[0.04, 0.03]), 0.05), [true, true]);
        assert_eq!(significant(&family(&[0.04, 0.90]), 0.05), [false, false]);
    }

    #[test]
    fn what_weighs_more_is_found_earlier_and_what_weighs_nothing_never() {
        let question = |p_value, weight| Question { p_value, weight };
        let questions = [question(0.03, 8.0), question(0.03, 1.0), question(0.0, 0.0)];
        assert_eq!(significant(&questions, 0.05), [true, false, false]);
    }

    #[test]
    fn no_question_has_no_answer() {
        assert_eq!(significant(&[], 0.05), Vec::<bool>::new());
    }
}
