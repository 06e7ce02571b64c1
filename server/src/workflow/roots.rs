//! First stage: which folders are looked at.

use super::{
    answer::{self, Folders},
    ground::{Ground, scale},
    run::Run,
};
use crate::{
    run::Failure,
    store::{
        workflow::Mode,
        workflow_stage::{Dropped, SelectedRoot, SelectedRoots, StageKind},
    },
    workspace::secret,
};
use std::collections::BTreeMap;

/// Most folders.
const MOST: usize = 12;
/// Most folders that a model chooses among.
const OFFERED: usize = 600;
/// Deepest folder that a model is shown.
const DEEPEST: usize = 5;

pub(super) async fn select(run: &Run, ground: &Ground) -> Result<SelectedRoots, Failure> {
    let scored = if run.mode() == Mode::Model { Vec::new() } else { by_evidence(ground).await? };
    let Some(asking) = run.asking(StageKind::RootFolderSelection, &ground.task)? else {
        return or_all(ground, SelectedRoots { roots: scored, ..SelectedRoots::default() }).await;
    };
    let folders = folders(ground).await?;
    let room = usize::try_from(asking.room()? * 3).unwrap_or(usize::MAX);
    let mut material = String::new();
    for (path, files) in folders.iter().take(OFFERED) {
        let share = scored.iter().find(|it| it.path == *path).map(|it| it.share);
        let share = share.map_or(String::new(), |it| format!(", {:.0} % of the evidence", it * 100.0));
        let line = format!("{path} ({files} files{share})\n");
        if material.len() + line.len() > room {
            break;
        }
        material.push_str(&line);
    }
    let answer: Folders = asking.ask(&material).await?;
    let mut chosen = SelectedRoots::default();
    for named in answer.folders {
        let path = named.trim().trim_end_matches('/').trim_start_matches("./");
        let path = if path.is_empty() { "." } else { path };
        match folders.iter().find(|(folder, _)| folder == path) {
            Some((folder, files)) if chosen.roots.iter().all(|it| it.path != *folder) => {
                let share = scored.iter().find(|it| it.path == *folder).map_or(0.0, |it| it.share);
                chosen.roots.push(SelectedRoot { path: folder.clone(), share, file_count: *files });
            }
            Some(_) => {}
            None => {
                let why = "there is no such folder in the workspace".to_owned();
                chosen.dropped.push(Dropped { what: answer::shown(&named), why });
            }
        }
    }
    outermost(&mut chosen.roots);
    if run.mode() == Mode::Assisted && !chosen.roots.is_empty() {
        // What holds most of the evidence is looked at, whatever the model thinks.
        let strong = scored.into_iter().filter(|it| it.share >= 0.25);
        chosen.roots.extend(strong);
        outermost(&mut chosen.roots);
    }
    or_all(ground, chosen).await
}

/// Nothing left means everything, visibly.
async fn or_all(ground: &Ground, mut chosen: SelectedRoots) -> Result<SelectedRoots, Failure> {
    if chosen.roots.is_empty() {
        let count = u32::try_from(ground.paths().await?.len()).unwrap_or(u32::MAX);
        chosen.fell_back = true;
        chosen.roots.push(SelectedRoot { path: ".".to_owned(), share: 1.0, file_count: count });
    }
    Ok(chosen)
}

/// The engine's folders, the one with most evidence first.
async fn by_evidence(ground: &Ground) -> Result<Vec<SelectedRoot>, Failure> {
    let found = ground
        .search(|root, search, _, _| {
            let best = search.ranked().first().map_or(0.0, |it| it.score);
            let evidence: f64 = search.ranked().iter().map(|it| it.relevance).sum();
            let folders = search.folders(MOST).into_iter().filter_map(|it| {
                let file_count = u32::try_from(it.files).unwrap_or(u32::MAX);
                Some(SelectedRoot { path: root.write_folder(&it.path)?, share: it.share, file_count })
            });
            (best, evidence, folders.collect::<Vec<_>>())
        })
        .await?;
    let best = found.iter().map(|it| it.0).fold(f64::MIN, f64::max);
    let all: f64 = found.iter().map(|it| it.1 * scale(it.0, best)).sum();
    let mut folders: Vec<SelectedRoot> = Vec::new();
    for (of_root, evidence, roots) in found {
        let part = if all > 0.0 { evidence * scale(of_root, best) / all } else { 0.0 };
        let share = |it: f64| (it * part * 1e6).round() / 1e6;
        folders.extend(roots.into_iter().map(|it| SelectedRoot { share: share(it.share), ..it }));
    }
    folders.sort_by(|one, other| other.share.total_cmp(&one.share).then_with(|| one.path.cmp(&other.path)));
    folders.truncate(MOST);
    Ok(folders)
}

/// All folders with the number of files below them, those with most files first.
async fn folders(ground: &Ground) -> Result<Vec<(String, u32)>, Failure> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for path in ground.paths().await? {
        if secret::looks_secret_path(&path) {
            continue;
        }
        *counts.entry(".".to_owned()).or_default() += 1;
        for (end, _) in path.match_indices('/').take(DEEPEST) {
            *counts.entry(path[..end].to_owned()).or_default() += 1;
        }
    }
    let mut folders: Vec<_> = counts.into_iter().collect();
    folders.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Ok(folders)
}

/// Leaves out a folder that lies in another.
fn outermost(roots: &mut Vec<SelectedRoot>) {
    let paths: Vec<String> = roots.iter().map(|it| it.path.clone()).collect();
    let mut seen = std::collections::BTreeSet::new();
    roots.retain(|it| {
        seen.insert(it.path.clone()) && !paths.iter().any(|outer| *outer != it.path && below(outer, &it.path))
    });
    roots.truncate(MOST);
}

/// Whether a path lies below a folder.
pub(super) fn below(folder: &str, path: &str) -> bool {
    folder == "." || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_lies_in_another() {
        let root = |path: &str| SelectedRoot { path: path.to_owned(), share: 0.0, file_count: 1 };
        let mut roots = vec![root("src/a"), root("src"), root("srcs"), root("src"), root("docs")];
        outermost(&mut roots);
        assert_eq!(roots.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["src", "srcs", "docs"]);
        let mut roots = vec![root("src"), root(".")];
        outermost(&mut roots);
        assert_eq!(roots.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["."]);
    }
}
