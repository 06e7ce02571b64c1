//! Outcomes taken together, and by what they have in common.

use super::{Measures, Outcome, interval};
use serde::Serialize;

/// The finder beside plain BM25 on the same cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What the cases have in common.
    pub cases_with: String,
    /// How many they are.
    pub cases: usize,
    /// The finder's means.
    pub measures: Measures,
    /// Those of plain BM25.
    pub plain: Measures,
    /// How much more of the files that matter is among the first 10.
    pub gain_recall_10: f64,
    /// The 95 % interval of that gain, cases paired.
    pub interval: (f64, f64),
}

/// All outcomes, and those with so many files that matter, so long a task, so large
/// a tree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// All cases.
    pub all: Comparison,
    /// By what they have in common; a group without cases is left out.
    pub groups: Vec<Comparison>,
    /// Cases that a program wrote: in no mean.
    pub left_out: usize,
}

/// A name, and which outcomes belong to it.
type Group<'a> = (&'a str, &'a dyn Fn(&Outcome) -> bool);

impl Summary {
    /// Takes outcomes together.
    #[must_use]
    pub fn of(outcomes: &[Outcome]) -> Self {
        let of_people: Vec<_> = outcomes.iter().filter(|it| it.case.is_of_a_person()).collect();
        let gold = |it: &Outcome| it.case.gold.len();
        let words = |it: &Outcome| it.case.task.split_whitespace().count();
        let files = |it: &Outcome| it.files;
        let groups: [Group<'_>; 9] = [
            ("1 file", &|it| gold(it) == 1),
            ("2 or 3 files", &|it| (2..=3).contains(&gold(it))),
            ("4 or more files", &|it| gold(it) > 3),
            ("task of 10 words or less", &|it| words(it) <= 10),
            ("task of 11 to 50 words", &|it| (11..=50).contains(&words(it))),
            ("task of more than 50 words", &|it| words(it) > 50),
            ("tree of 200 files or less", &|it| files(it) <= 200),
            ("tree of 201 to 1000 files", &|it| (201..=1000).contains(&files(it))),
            ("tree of more than 1000 files", &|it| files(it) > 1000),
        ];
        let group = |(name, belongs): Group<'_>| {
            let these: Vec<_> = of_people.iter().copied().filter(|it| belongs(it)).collect();
            (!these.is_empty()).then(|| Comparison::of(name, &these))
        };
        Self {
            all: Comparison::of("all", &of_people),
            groups: groups.into_iter().filter_map(group).collect(),
            left_out: outcomes.len() - of_people.len(),
        }
    }
}

impl Comparison {
    fn of(name: &str, outcomes: &[&Outcome]) -> Self {
        let differences = outcomes.iter().map(|it| it.measures.recall_10 - it.plain.recall_10);
        let measures = Measures::mean(outcomes.iter().map(|it| &it.measures));
        let plain = Measures::mean(outcomes.iter().map(|it| &it.plain));
        Self {
            cases_with: name.to_owned(),
            cases: outcomes.len(),
            gain_recall_10: ((measures.recall_10 - plain.recall_10) * 1e6).round() / 1e6,
            measures,
            plain,
            interval: interval(&differences.collect::<Vec<_>>()),
        }
    }
}
