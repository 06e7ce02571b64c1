//! Fourth stage: which neighbours belong to the relevant files.

use super::{
    answer::{self, Files},
    ground::{Ground, reason},
    relevance::said,
    run::Run,
};
use crate::{
    run::Failure,
    store::{
        workflow::Mode,
        workflow_stage::{Dropped, ExtendedFile, RelevantFiles, StageKind, VerifiedPaths},
    },
    workspace::{WorkspacePath, secret},
};
use std::collections::{BTreeMap, BTreeSet};

/// Neighbours that are looked at, in times of what is wanted.
const MORE: usize = 4;
/// Below this a neighbour is not near.
const LEAST: f64 = 0.05;
/// Below this a model does not want a file.
const WANTED: f64 = 0.4;
/// Paths near the relevant files that a model is shown.
const SHOWN: usize = 300;

pub(super) async fn extend(
    run: &Run,
    ground: &Ground,
    relevant: &RelevantFiles,
) -> Result<VerifiedPaths, Failure> {
    let most = usize::try_from(run.row.max_extended).unwrap_or_default();
    let taken: BTreeSet<String> =
        relevant.files.iter().filter(|file| file.relevant).map(|file| file.path.clone()).collect();
    let mut known: BTreeSet<String> = run.excluded().await?.into_iter().collect();
    known.extend(taken.iter().cloned());
    let mut near = match run.mode() {
        Mode::Model => BTreeMap::new(),
        Mode::Engine | Mode::Assisted => neighbours(ground, &taken, most.saturating_mul(MORE)).await?,
    };
    near.retain(|path, _| !known.contains(path));
    let mut dropped = Vec::new();
    if let Some(asking) = run.asking(StageKind::ExtendedPathFinder, &ground.task)?
        && !taken.is_empty()
    {
        let paths = ground.paths().await?;
        let room = usize::try_from(asking.room()? * 3).unwrap_or(usize::MAX);
        let answer: Files = asking.ask(&material(relevant, &near, &paths, room)).await?;
        let sizes: BTreeMap<_, _> = ground.ranked().await?.into_iter().map(|it| (it.path, it.size)).collect();
        // The model has seen all of them: what it does not name is less near.
        near.values_mut().for_each(|file| file.score *= 0.5);
        for judged in answer.files {
            if !paths.contains(&judged.path) {
                let why = ground.why_not(&judged.path).await;
                dropped.push(Dropped { what: answer::shown(&judged.path), why });
                continue;
            }
            if known.contains(&judged.path) {
                continue;
            }
            let score = judged.score();
            if score < WANTED {
                near.remove(&judged.path);
                continue;
            }
            let file = near.entry(judged.path.clone()).or_insert_with(|| ExtendedFile {
                path: judged.path.clone(),
                score: 0.0,
                reasons: Vec::new(),
                size_bytes: sizes.get(&judged.path).copied().unwrap_or_default(),
            });
            file.score = (file.score + 0.7 * score).min(1.0);
            file.reasons.insert(0, said(answer::shown(&judged.reason)));
        }
    }
    let mut files: Vec<_> = near.into_values().filter(|file| file.score >= LEAST).collect();
    files.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.path.cmp(&other.path)));
    files.truncate(most);
    files.iter_mut().for_each(|file| file.score = (file.score * 1e6).round() / 1e6);
    Ok(VerifiedPaths { files, dropped })
}

/// What the engine knows to be beside the relevant files.
async fn neighbours(
    ground: &Ground,
    taken: &BTreeSet<String>,
    most: usize,
) -> Result<BTreeMap<String, ExtendedFile>, Failure> {
    let taken = taken.clone();
    let found = ground
        .search(move |root, search, _, _| {
            let inner = taken.iter().filter_map(|path| {
                let parsed = WorkspacePath::parse("path", path).ok()?;
                root.read(&parsed).map(str::to_owned)
            });
            let inner: Vec<String> = inner.collect();
            let near = search.neighbours(&inner, most).into_iter().filter_map(|it| {
                Some(ExtendedFile {
                    size_bytes: search.file(&it.path).map_or(0, |file| file.size),
                    path: root.write(&it.path)?,
                    score: it.strength,
                    reasons: it.reasons.into_iter().filter_map(|fact| reason(root, fact)).collect(),
                })
            });
            near.collect::<Vec<_>>()
        })
        .await?;
    Ok(found.into_iter().flatten().map(|it| (it.path.clone(), it)).collect())
}

/// Lists for a model: what was found, what is beside it, and what lies near.
fn material(
    relevant: &RelevantFiles,
    near: &BTreeMap<String, ExtendedFile>,
    paths: &BTreeSet<String>,
    room: usize,
) -> String {
    let mut lines = vec!["relevant files:".to_owned()];
    let mut folders = BTreeSet::new();
    for file in relevant.files.iter().filter(|file| file.relevant) {
        if secret::looks_secret_path(&file.path) {
            continue;
        }
        folders.insert(file.path.rsplit_once('/').map_or("", |it| it.0));
        lines.push(file.path.clone());
    }
    lines.push("\nneighbours:".to_owned());
    let mut neighbours: Vec<_> = near.values().filter(|it| !secret::looks_secret_path(&it.path)).collect();
    neighbours.sort_by(|one, other| other.score.total_cmp(&one.score));
    for file in neighbours {
        let edges = file.reasons.iter().filter(|reason| !secret::looks_secret_path(&reason.other_path));
        let edges: Vec<_> = edges.take(2).map(|reason| reason.text.as_str()).collect();
        lines.push(format!("{} ({})", file.path, edges.join("; ")));
    }
    lines.push("\nfiles in the same folders:".to_owned());
    let beside = paths.iter().filter(|path| {
        let folder = path.rsplit_once('/').map_or("", |it| it.0);
        folders.contains(folder) && !near.contains_key(*path) && !secret::looks_secret_path(path)
    });
    lines.extend(beside.take(SHOWN).cloned());
    let mut material = String::new();
    for line in lines {
        if material.len() + line.len() >= room {
            break;
        }
        material.push_str(&line);
        material.push('\n');
    }
    material
}
