//! The numbers by which two ways of ranking are compared.

use serde::Serialize;

/// Means over cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Measures {
    /// The part of the files that matter among the first 5.
    pub recall_5: f64,
    /// Among the first 10.
    pub recall_10: f64,
    /// Among the first 20.
    pub recall_20: f64,
    /// Among the first 50.
    pub recall_50: f64,
    /// Whether all files that matter are the first.
    pub acc_1: f64,
    /// Whether all are among the first 5.
    pub acc_5: f64,
    /// Whether all are among the first 10.
    pub acc_10: f64,
    /// Whether the first file matters.
    pub hit_1: f64,
    /// One divided by the place of the first file that matters.
    pub mrr: f64,
    /// The mean of the precision at the place of each file that matters.
    pub map: f64,
}

impl Measures {
    /// Of one case: the places of the files that matter, from 1, sorted; and how
    /// many there are with those that were not found.
    #[must_use]
    pub fn of(places: &[usize], gold: usize) -> Self {
        let number = gold.max(1) as f64;
        let within = |k: usize| places.iter().filter(|it| **it <= k).count() as f64 / number;
        let all = |k: usize| if within(k) >= 1.0 { 1.0 } else { 0.0 };
        let precisions = (1..).zip(places).map(|(found, place)| f64::from(found) / *place as f64);
        Self {
            recall_5: within(5),
            recall_10: within(10),
            recall_20: within(20),
            recall_50: within(50),
            acc_1: all(1),
            acc_5: all(5),
            acc_10: all(10),
            hit_1: if places.first() == Some(&1) { 1.0 } else { 0.0 },
            mrr: places.first().map_or(0.0, |it| 1.0 / *it as f64),
            map: precisions.sum::<f64>() / number,
        }
    }

    /// The mean of several.
    #[must_use]
    pub fn mean<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut sum, mut number) = ([0.0; 10], 0.0);
        for one in all {
            sum.iter_mut().zip(one.values()).for_each(|(sum, value)| *sum += value);
            number += 1.0;
        }
        // Beyond the sixth place is the noise of the processor.
        let [recall_5, recall_10, recall_20, recall_50, acc_1, acc_5, acc_10, hit_1, mrr, map] =
            sum.map(|it| (it / f64::max(number, 1.0) * 1e6).round() / 1e6);
        Self { recall_5, recall_10, recall_20, recall_50, acc_1, acc_5, acc_10, hit_1, mrr, map }
    }

    fn values(&self) -> [f64; 10] {
        let Self { recall_5, recall_10, recall_20, recall_50, acc_1, acc_5, acc_10, hit_1, mrr, map } = *self;
        [recall_5, recall_10, recall_20, recall_50, acc_1, acc_5, acc_10, hit_1, mrr, map]
    }
}

/// The 95 % interval of the mean of differences, by drawing cases again and again.
/// The draws are the same in every run.
#[must_use]
pub fn interval(differences: &[f64]) -> (f64, f64) {
    const DRAWS: usize = 5000;
    if differences.is_empty() {
        return (0.0, 0.0);
    }
    let mut state = 0x853c_49e6_748f_ea9b_u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let place = (state >> 11) as usize % differences.len();
        differences.get(place).copied().unwrap_or_default()
    };
    let mean = |draw: &mut dyn FnMut() -> f64| {
        (0..differences.len()).map(|_| draw()).sum::<f64>() / differences.len() as f64
    };
    let mut means: Vec<f64> = (0..DRAWS).map(|_| mean(&mut draw)).collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means.get((DRAWS as f64 * share) as usize).copied().unwrap_or_default();
    let round = |it: f64| (it * 1e6).round() / 1e6;
    (round(at(0.025)), round(at(0.975)))
}

#[cfg(test)]
mod tests {
    use super::{Measures, interval};

    #[test]
    fn measures_are_those_of_the_books() {
        let one = Measures::of(&[1, 6, 30], 4);
        assert_eq!((one.recall_5, one.recall_10, one.recall_50), (0.25, 0.5, 0.75));
        assert_eq!((one.hit_1, one.mrr, one.acc_10), (1.0, 1.0, 0.0));
        assert!((one.map - (1.0 + 2.0 / 6.0 + 3.0 / 30.0) / 4.0).abs() < 1e-9);
        let two = Measures::of(&[3], 1);
        assert_eq!((two.acc_1, two.acc_5, two.hit_1), (0.0, 1.0, 0.0));
        assert_eq!(Measures::mean([&one, &two]).recall_5, 0.625);
        assert_eq!(Measures::of(&[], 1), Measures::default());
    }

    #[test]
    fn the_interval_holds_the_mean_and_is_the_same_again() {
        let differences: Vec<f64> = (0..100).map(|it| f64::from(it % 5) / 10.0).collect();
        let (low, high) = interval(&differences);
        assert!(low < 0.2 && 0.2 < high && low > 0.15 && high < 0.25, "{low} {high}");
        assert_eq!(interval(&differences), (low, high));
        assert_eq!(interval(&[0.5; 7]), (0.5, 0.5));
    }
}
