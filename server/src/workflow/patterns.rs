//! Second stage: which files match patterns.

use super::{
    answer::{self, Groups},
    ground::Ground,
    roots::below,
    run::Run,
};
use crate::{
    run::Failure,
    store::{
        workflow::Mode,
        workflow_stage::{Dropped, FilteredFiles, MatchedFile, PatternGroup, SelectedRoots, StageKind},
    },
    workspace::secret,
};
use banto_finder::Filter;
use std::collections::{BTreeMap, BTreeSet};

/// Most groups of the engine.
const MOST: usize = 24;
/// Most groups of a model.
const MOST_PROPOSED: usize = 40;
/// Paths that a model is shown.
const SHOWN: usize = 400;

pub(super) async fn filter(
    run: &Run,
    ground: &Ground,
    roots: &SelectedRoots,
) -> Result<FilteredFiles, Failure> {
    let mut groups = if run.mode() == Mode::Model { Vec::new() } else { from_terms(ground).await? };
    if let Some(asking) = run.asking(StageKind::RegexFileFilter, &ground.task)? {
        let room = usize::try_from(asking.room()? * 3).unwrap_or(usize::MAX);
        let answer: Groups = asking.ask(&material(ground, roots, &groups, room).await?).await?;
        groups.extend(answer.groups.into_iter().take(MOST_PROPOSED).map(|it| PatternGroup {
            title: answer::shown(&it.title),
            match_count: 0,
            ..it
        }));
    }
    matched(ground, roots, groups).await
}

async fn from_terms(ground: &Ground) -> Result<Vec<PatternGroup>, Failure> {
    let found = ground
        .search(|_, search, _, _| {
            let group = |it: banto_finder::PatternGroup| PatternGroup {
                title: it.title,
                path: it.path,
                content: it.content,
                negative_path: it.negative_path,
                match_count: 0,
            };
            search.patterns(MOST).into_iter().map(group).collect::<Vec<_>>()
        })
        .await?;
    let mut groups: Vec<PatternGroup> = Vec::new();
    for group in found.into_iter().flatten() {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Ok(groups)
}

async fn material(
    ground: &Ground,
    roots: &SelectedRoots,
    groups: &[PatternGroup],
    room: usize,
) -> Result<String, Failure> {
    let mut material = String::from("folders:\n");
    for root in &roots.roots {
        material.push_str(&format!("{}\n", root.path));
    }
    if !groups.is_empty() {
        material.push_str("\ngroups of the engine:\n");
        for group in groups.iter().filter(|group| !names_secret(group)) {
            let PatternGroup { title, path, content, negative_path, .. } = group;
            material.push_str(&format!(
                "{title}: path {path:?}, content {content:?}, negative_path {negative_path:?}\n"
            ));
        }
    }
    material.push_str("\nsome files:\n");
    let ranked = ground.ranked().await?;
    let inside = |path: &str| roots.roots.iter().any(|root| below(&root.path, path));
    for file in
        ranked.iter().filter(|it| inside(&it.path) && !secret::looks_secret_path(&it.path)).take(SHOWN)
    {
        if material.len() + file.path.len() >= room {
            break;
        }
        material.push_str(&format!("{}\n", file.path));
    }
    let mut end = room.min(material.len());
    while !material.is_char_boundary(end) {
        end -= 1;
    }
    material.truncate(end);
    Ok(material)
}

/// Whether a pattern of the engine spells out a path that looks like a secret.
fn names_secret(group: &PatternGroup) -> bool {
    let path = group.path.replace('\\', "");
    path.split(['|', '(', ')', '^', '$']).any(secret::looks_secret_path)
}

/// Matches groups against the files of the folders.
async fn matched(
    ground: &Ground,
    roots: &SelectedRoots,
    mut groups: Vec<PatternGroup>,
) -> Result<FilteredFiles, Failure> {
    let asked: Vec<_> = groups
        .iter()
        .map(|it| banto_finder::PatternGroup {
            title: it.title.clone(),
            path: it.path.clone(),
            content: it.content.clone(),
            negative_path: it.negative_path.clone(),
        })
        .collect();
    let (filter, bad) = Filter::new(&asked);
    let dropped = bad.iter().map(|it| {
        let what = if it.pattern.is_empty() { "an empty group" } else { it.pattern.as_str() };
        Dropped { what: answer::shown(what), why: format!("its {} cannot be used: {}", it.field, it.why) }
    });
    let dropped: Vec<_> = dropped.collect();
    let found = ground
        .each(move |root, finder, tree| {
            let filtered = finder.filter(tree, &filter)?;
            let matches = filtered.matches.into_iter();
            let matches = matches.filter_map(|it| Some((root.write(&it.path)?, it.groups)));
            Ok((filtered.searched, matches.collect::<Vec<_>>()))
        })
        .await?;
    let searched = found.iter().map(|it| it.0 as u64).sum();
    let inside = |path: &str| roots.roots.iter().any(|root| below(&root.path, path));
    let matches: BTreeMap<String, Vec<usize>> =
        found.into_iter().flat_map(|it| it.1).filter(|it| inside(&it.0)).collect();
    for places in matches.values() {
        for place in places {
            if let Some(group) = groups.get_mut(*place) {
                group.match_count += 1;
            }
        }
    }
    let bad: BTreeSet<usize> = bad.iter().map(|it| it.group).collect();
    // Places of groups move when bad ones are left out.
    let mut places = Vec::with_capacity(groups.len());
    let mut next = 0u32;
    for place in 0..groups.len() {
        places.push(next);
        next += u32::from(!bad.contains(&place));
    }
    let mut place = 0;
    groups.retain(|_| {
        place += 1;
        !bad.contains(&(place - 1))
    });
    let files = matches.into_iter().map(|(path, of)| MatchedFile {
        path,
        groups: of.into_iter().filter_map(|it| places.get(it).copied()).collect(),
    });
    Ok(FilteredFiles { files: files.collect(), groups, dropped, searched })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_spells_out_a_secret_is_not_shown_to_a_model() {
        let group = |path: &str| PatternGroup { path: path.to_owned(), ..PatternGroup::default() };
        assert!(names_secret(&group(r"^(src/a\.rs|deploy/\.env)$")));
        assert!(!names_secret(&group(r"^(src/a\.rs|src/environment\.rs)$")));
    }
}
