//! The statistics: medians of ratios and differences that were taken within one round, and how far the rounds were apart.

/// The middle of the values; the mean of the two middle ones where their number is even.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match (sorted.get(half), sorted.len() % 2) {
        (None, _) => f64::NAN,
        (Some(middle), 1) => *middle,
        (Some(upper), _) => (sorted[half - 1] + upper) / 2.0,
    }
}

/// The smallest of the values. Whatever else runs on the machine only adds, so this is nearest to a machine of one's own.
pub fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::min)
}

/// The middle of what the rounds gave, and half the distance between the lower and the upper quartile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Centre {
    /// The median.
    pub middle: f64,
    /// Half the distance between the quartiles: half of all rounds were about as near as this.
    pub spread: f64,
}

impl Centre {
    /// Of the values of each round.
    pub fn of(rounds: &[f64]) -> Self {
        let mut sorted = rounds.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: usize| {
            let index = (sorted.len().saturating_sub(1) * share + 2) / 4;
            sorted.get(index).copied().unwrap_or(f64::NAN)
        };
        Self { middle: median(rounds), spread: (at(3) - at(1)) / 2.0 }
    }

    /// Of the ratio of two variants within each round.
    pub fn of_ratio(of: &[f64], to: &[f64]) -> Self {
        Self::of(&paired(of, to, |of, to| of / to))
    }

    /// Of the difference of two variants within each round.
    pub fn of_difference(of: &[f64], to: &[f64]) -> Self {
        Self::of(&paired(of, to, |of, to| of - to))
    }
}

/// What two variants give together in each round.
pub fn paired(left: &[f64], right: &[f64], join: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    left.iter().zip(right).map(|(left, right)| join(*left, *right)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_the_middle_in_any_order() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn least_is_the_smallest() {
        assert_eq!(least(&[3.0, 1.0, 2.0]), 1.0);
        assert!(least(&[]).is_nan());
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The machine was three times slower in the second round, for both.
        let centre = Centre::of_ratio(&[12.0, 36.0, 12.0], &[10.0, 30.0, 10.0]);
        assert_eq!(centre, Centre { middle: 1.2, spread: 0.0 });
        let centre = Centre::of_difference(&[12.0, 36.0, 12.0], &[10.0, 30.0, 10.0]);
        assert_eq!(centre.middle, 2.0);
    }

    #[test]
    fn spread_is_half_the_distance_of_the_quartiles() {
        let centre = Centre::of(&[1.0, 2.0, 3.0, 4.0, 100.0]);
        assert_eq!(centre, Centre { middle: 3.0, spread: 1.0 });
    }
}
