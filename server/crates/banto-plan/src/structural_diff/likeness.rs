//! Which step of a new plan is which of an old one.

use crate::step::{Operation, OperationKind, Step};
use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

/// Steps that are less alike are two steps, from 0 to 1.
const ENOUGH: f32 = 0.35;
/// What the title, the files and the description weigh.
const WEIGHTS: [f32; 3] = [0.4, 0.4, 0.2];
/// The words of a text that are compared.
const MOST_WORDS: usize = 64;

/// What a step is known by.
pub(super) struct Likeness {
    title: Vec<u64>,
    files: Vec<u64>,
    description: Vec<u64>,
}

impl Likeness {
    pub(super) fn new(step: &Step) -> Self {
        let paths = step.operations.iter().flat_map(|operation| {
            [Some(operation.path.as_str()), operation.from.as_deref()].into_iter().flatten().map(hash)
        });
        Self {
            title: words(&step.title),
            files: sorted(paths.collect()),
            description: words(&step.description),
        }
    }

    /// How alike two steps are. What neither of them has does not count.
    pub(super) fn to(&self, other: &Self) -> f32 {
        let parts = [
            (&self.title, &other.title),
            (&self.files, &other.files),
            (&self.description, &other.description),
        ];
        let (mut sum, mut weight) = (0.0, 0.0);
        for ((one, two), part) in parts.into_iter().zip(WEIGHTS) {
            let common = common(one, two);
            let all = one.len() + two.len() - common;
            if all > 0 {
                sum += part * common as f32 / all as f32;
                weight += part;
            }
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }
}

/// The new place of each old step that is in both plans: those that are the same first,
/// then the likest, of equals those that lie nearest.
pub(super) fn pairs(old: &[Step], new: &[Step]) -> BTreeMap<usize, usize> {
    let mut pairs = BTreeMap::new();
    let mut same: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (place, step) in new.iter().enumerate().rev() {
        same.entry(content(step)).or_default().push(place);
    }
    let mut taken = BTreeSet::new();
    for (place, step) in old.iter().enumerate() {
        let found = same.get_mut(&content(step)).and_then(Vec::pop);
        if let Some(other) = found {
            pairs.insert(place, other);
            taken.insert(other);
        }
    }
    let left = |place: &usize| !pairs.contains_key(place);
    let old_left: Vec<(usize, Likeness)> =
        (0..old.len()).filter(left).map(|place| (place, Likeness::new(&old[place]))).collect();
    let new_left: Vec<(usize, Likeness)> = (0..new.len())
        .filter(|place| !taken.contains(place))
        .map(|place| (place, Likeness::new(&new[place])))
        .collect();
    let mut scored: Vec<(f32, usize, usize)> = old_left
        .iter()
        .flat_map(|(from, one)| new_left.iter().map(move |(to, two)| (one.to(two), *from, *to)))
        .filter(|(score, ..)| *score >= ENOUGH)
        .collect();
    scored.sort_by(|one, two| {
        two.0.total_cmp(&one.0).then_with(|| one.1.abs_diff(one.2).cmp(&two.1.abs_diff(two.2)))
    });
    for (_, from, to) in scored {
        if !pairs.contains_key(&from) && taken.insert(to) {
            pairs.insert(from, to);
        }
    }
    pairs
}

/// All of a step but its number.
fn content(step: &Step) -> u64 {
    hash(&(
        (&step.title, &step.description, step.confidence, &step.assumptions),
        (&step.operations, &step.bash_commands, &step.exploration_commands, &step.sources),
    ))
}

type Key<'a> = (Option<OperationKind>, &'a str);

/// The new place of each old operation: by kind and file, then by file, then by the
/// name of the file.
pub(super) fn operation_pairs(old: &[Operation], new: &[Operation]) -> BTreeMap<usize, usize> {
    let mut pairs = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let keys: [fn(&Operation) -> Key<'_>; 3] = [
        |operation| (Some(operation.kind), &operation.path),
        |operation| (None, &operation.path),
        |operation| (None, operation.path.rsplit('/').next().unwrap_or_default()),
    ];
    for key in keys {
        let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (place, operation) in new.iter().enumerate().rev() {
            if !taken.contains(&place) {
                places.entry(key(operation)).or_default().push(place);
            }
        }
        for (place, operation) in old.iter().enumerate() {
            if !pairs.contains_key(&place)
                && let Some(other) = places.get_mut(&key(operation)).and_then(Vec::pop)
            {
                pairs.insert(place, other);
                taken.insert(other);
            }
        }
    }
    pairs
}

/// The words of a text. Of those that are not ASCII each pair of characters is one,
/// because not every language parts its words.
fn words(text: &str) -> Vec<u64> {
    let mut words = Vec::new();
    for word in text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if word.is_ascii() {
            words.push(hash(&word.to_ascii_lowercase()));
        } else {
            let characters: Vec<char> = word.chars().take(MOST_WORDS).collect();
            words.extend(characters.windows(2).map(hash));
            words.extend((characters.len() == 1).then(|| hash(&characters[0])));
        }
        if words.len() >= MOST_WORDS {
            break;
        }
    }
    sorted(words)
}

fn sorted(mut hashes: Vec<u64>) -> Vec<u64> {
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// How many two sorted lists have in common.
fn common(one: &[u64], two: &[u64]) -> usize {
    let (mut at, mut other, mut count) = (0, 0, 0);
    while at < one.len() && other < two.len() {
        let order = one[at].cmp(&two[other]);
        count += usize::from(order.is_eq());
        at += usize::from(order.is_le());
        other += usize::from(order.is_ge());
    }
    count
}

fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
