//! Third stage: how relevant each file is.

use super::{
    answer::{self, Files},
    ask::Asking,
    ground::Ground,
    run::Run,
};
use crate::{
    run::{Failure, estimated_tokens},
    store::{
        task_file::{Reason, ReasonKind},
        workflow::Mode,
        workflow_stage::{AssessedFile, Dropped, FilteredFiles, RelevantFiles, StageKind},
    },
    workspace::{WorkspacePath, secret},
};
use banto_finder::Content;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Most candidates.
const MOST: usize = 1_000;
/// Candidates whose files are read for reasons.
const EXPLAINED: usize = 200;
/// Below this the engine calls nothing relevant.
const LEAST: f64 = 0.05;
/// Most files that a model is asked about.
const MOST_ASKED: usize = 150;
/// Tokens of a file that a model is shown where the engine knows which passages
/// matter.
const EXCERPT: u64 = 1_500;
/// Most tokens of a question: a model attends less to each file in a longer one.
const CHUNK: u64 = 12_000;
/// Questions that are asked at once.
const AT_ONCE: usize = 4;
/// Lines that are shown around one that matters.
const AROUND: u32 = 12;
/// Tokens of the tags around a file.
const TAGS: u64 = 80;

pub(super) async fn assess(
    run: &Run,
    ground: &Ground,
    filtered: &FilteredFiles,
) -> Result<RelevantFiles, Failure> {
    let excluded = run.excluded().await?;
    let (mut files, not_assessed) = candidates(run, ground, filtered, &excluded).await?;
    let mut dropped = Vec::new();
    if let Some(asking) = run.asking(StageKind::FileRelevanceAssessment, &ground.task)? {
        dropped = judge(run, ground, &asking, &mut files).await?;
    }
    for file in &mut files {
        (file.score, file.relevant) = weigh(run.mode(), file);
    }
    files.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.path.cmp(&other.path)));
    let most = usize::try_from(run.row.max_relevant).unwrap_or(usize::MAX);
    files.iter_mut().filter(|file| file.relevant).skip(most).for_each(|file| file.relevant = false);
    Ok(RelevantFiles { files, dropped, not_assessed })
}

/// What matched, with what the engine says about it.
async fn candidates(
    run: &Run,
    ground: &Ground,
    filtered: &FilteredFiles,
    excluded: &[String],
) -> Result<(Vec<AssessedFile>, u32), Failure> {
    let engine: BTreeMap<String, (f64, u64)> =
        ground.ranked().await?.into_iter().map(|it| (it.path, (it.relevance, it.size))).collect();
    let asks_engine = run.mode() != Mode::Model;
    let matched = filtered.files.iter().filter(|it| !excluded.contains(&it.path));
    let mut files: Vec<_> = matched
        .filter_map(|it| {
            // What went away since the second stage is no candidate.
            let (relevance, size_bytes) = *engine.get(&it.path)?;
            let titles = it.groups.iter().filter_map(|group| filtered.groups.get(*group as usize));
            let titles: Vec<_> = titles.map(|group| format!("“{}”", group.title)).collect();
            let text = answer::shown(&format!("matches {}", titles.join(", ")));
            Some(AssessedFile {
                path: it.path.clone(),
                score: 0.0,
                engine_score: asks_engine.then_some((relevance * 1e6).round() / 1e6),
                model_score: None,
                relevant: false,
                reasons: vec![Reason::new(ReasonKind::Pattern, text)],
                size_bytes,
            })
        })
        .collect();
    let engine_score = |file: &AssessedFile| file.engine_score.unwrap_or_default();
    files.sort_by(|one, other| {
        engine_score(other).total_cmp(&engine_score(one)).then_with(|| one.path.cmp(&other.path))
    });
    let left_out = files.len().saturating_sub(MOST);
    files.truncate(MOST);
    if asks_engine {
        let paths = files.iter().take(EXPLAINED).map(|file| file.path.clone()).collect();
        let mut told = ground.reasons(paths).await?;
        for file in &mut files {
            if let Some(mut reasons) = told.remove(&file.path) {
                reasons.append(&mut file.reasons);
                file.reasons = reasons;
            }
        }
    }
    Ok((files, u32::try_from(left_out).unwrap_or(u32::MAX)))
}

/// What all say together, and whether that is enough.
fn weigh(mode: Mode, file: &AssessedFile) -> (f64, bool) {
    let engine = file.engine_score.unwrap_or_default();
    let (score, relevant) = match (mode, file.model_score) {
        (Mode::Engine, _) => (engine, engine >= LEAST),
        (Mode::Model, model) => (model.unwrap_or_default(), model.is_some_and(|it| it >= 0.5)),
        // The model has read the file; the engine has counted words.
        (Mode::Assisted, Some(model)) => {
            (0.35 * engine + 0.65 * model, model >= 0.5 || (model >= 0.3 && engine >= 0.5))
        }
        (Mode::Assisted, None) => (0.35 * engine, engine >= 0.5),
    };
    ((score * 1e6).round() / 1e6, relevant)
}

/// A file, or a part of one, as a model is shown it.
struct Shown {
    path: String,
    material: String,
}

/// Asks the model about the first candidates. Returns what it named besides.
async fn judge(
    run: &Run,
    ground: &Ground,
    asking: &Asking<'_>,
    files: &mut [AssessedFile],
) -> Result<Vec<Dropped>, Failure> {
    let room = asking.room()?.min(CHUNK);
    let chunks = pack(shown(run, ground, asking, files, room).await?, room);
    let (total, done) = (chunks.len(), AtomicUsize::new(0));
    run.progress(StageKind::FileRelevanceAssessment, 0, total);
    let answers: Vec<(BTreeSet<String>, Files)> = stream::iter(chunks)
        .map(|chunk| {
            let done = &done;
            async move {
                let material: Vec<_> = chunk.iter().map(|it| it.material.as_str()).collect();
                let answer = asking.ask::<Files>(&material.join("\n")).await?;
                let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
                run.progress(StageKind::FileRelevanceAssessment, so_far, total);
                Ok::<_, Failure>((chunk.into_iter().map(|it| it.path).collect(), answer))
            }
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut dropped = Vec::new();
    for (asked, answer) in answers {
        for judged in answer.files {
            if !asked.contains(&judged.path) {
                let known = files.iter().any(|file| file.path == judged.path);
                let why = if known {
                    "it was not among the files of this question".to_owned()
                } else {
                    ground.why_not(&judged.path).await
                };
                dropped.push(Dropped { what: answer::shown(&judged.path), why });
                continue;
            }
            let score = judged.score();
            for file in files.iter_mut().filter(|file| file.path == judged.path) {
                // Of a file in parts the best part speaks.
                if file.model_score.is_none_or(|before| score > before) {
                    file.reasons.retain(|reason| reason.kind != ReasonKind::Model);
                    file.model_score = Some(score);
                    let text = answer::shown(&judged.reason);
                    if !text.trim().is_empty() {
                        file.reasons.insert(0, said(text));
                    }
                }
            }
        }
    }
    Ok(dropped)
}

/// A reason that a model gave.
pub(super) fn said(text: String) -> Reason {
    Reason::new(ReasonKind::Model, text)
}

/// Reads the files that a model is asked about. What looks like a secret is not among
/// them.
async fn shown(
    run: &Run,
    ground: &Ground,
    asking: &Asking<'_>,
    files: &[AssessedFile],
    room: u64,
) -> Result<Vec<Shown>, Failure> {
    let asked: Vec<_> = files
        .iter()
        .filter(|file| !secret::looks_secret_path(&file.path))
        .take(MOST_ASKED.min(asked_about(run)))
        .map(|file| (file.path.clone(), passages(&file.reasons)))
        .collect();
    let assisted = run.mode() == Mode::Assisted;
    let read = ground
        .each(move |root, finder, tree| {
            let texts = asked.iter().filter_map(|(path, passages)| {
                let parsed = WorkspacePath::parse("path", path).ok()?;
                let Content::Text(text) = finder.read(tree, root.read(&parsed)?)? else { return None };
                if secret::looks_secret_content(&text) {
                    return Some((path.clone(), None));
                }
                let whole = !assisted || estimated_tokens(text.len() as u64) <= EXCERPT;
                Some((path.clone(), Some(if whole { text } else { excerpt(&text, passages) })))
            });
            Ok(texts.collect::<Vec<_>>())
        })
        .await?;
    let mut shown = Vec::new();
    for (path, text) in read.into_iter().flatten() {
        let Some(text) = text else {
            ground.found_secret(&path);
            continue;
        };
        let most =
            usize::try_from(room.saturating_sub(TAGS + estimated_tokens(path.len() as u64)).max(1) * 3);
        let parts = split(&text, most.unwrap_or(usize::MAX));
        for (number, part) in (1..).zip(&parts) {
            let name = (parts.len() > 1).then(|| format!("{number}/{}", parts.len()));
            let material = asking.file(&path, name.as_deref(), part)?;
            shown.push(Shown { path: path.clone(), material });
        }
    }
    Ok(shown)
}

/// How many files a model is asked about: some times what is wanted.
fn asked_about(run: &Run) -> usize {
    usize::try_from(run.row.max_relevant).unwrap_or_default().saturating_mul(3).max(30)
}

/// The lines that matter, by the engine's reasons.
fn passages(reasons: &[Reason]) -> Vec<(u32, u32)> {
    reasons.iter().filter_map(|reason| reason.lines).collect()
}

/// The beginning of a text and the lines that matter, with gaps marked.
fn excerpt(text: &str, passages: &[(u32, u32)]) -> String {
    let most = usize::try_from(EXCERPT * 3).unwrap_or(usize::MAX);
    let mut wanted: BTreeSet<u32> = (1..=AROUND).collect();
    for (from, to) in passages {
        wanted.extend(from.saturating_sub(AROUND).max(1)..=to.saturating_add(AROUND));
    }
    let mut excerpt = String::new();
    let mut before = 0;
    for (number, line) in (1u32..).zip(text.lines()).filter(|(number, _)| wanted.contains(number)) {
        if excerpt.len() + line.len() > most {
            break;
        }
        if number != before + 1 {
            excerpt.push_str(&format!("[… line {number}]\n"));
        }
        excerpt.push_str(line);
        excerpt.push('\n');
        before = number;
    }
    excerpt
}

/// Cuts a text into parts of at most so many bytes, at ends of lines where it can.
fn split(text: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > most {
        let mut end = most;
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let line = rest[..end].rfind('\n').map(|at| at + 1).filter(|at| *at > end / 2);
        // A character wider than a part is taken whole.
        let end = line.unwrap_or(end).max(rest.chars().next().map_or(1, char::len_utf8));
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest);
    }
    parts
}

/// Puts files together into questions that fit.
fn pack(shown: Vec<Shown>, room: u64) -> Vec<Vec<Shown>> {
    let mut chunks: Vec<Vec<Shown>> = Vec::new();
    let mut taken = 0;
    for file in shown {
        let cost = estimated_tokens(file.material.len() as u64 + 1);
        match chunks.last_mut() {
            Some(chunk) if taken + cost <= room => {
                taken += cost;
                chunk.push(file);
            }
            _ => {
                taken = cost;
                chunks.push(vec![file]);
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_lines_and_nothing_is_lost() {
        let text = "one\ntwo two\n番頭番頭番頭番頭\nend";
        for most in 1..text.len() + 2 {
            let parts = split(text, most);
            assert_eq!(parts.concat(), text, "{most}");
            assert!(parts.iter().all(|part| part.len() <= most.max(3)), "{most}: {parts:?}");
        }
        assert_eq!(split("aaaa\nbbbb\n", 7), ["aaaa\n", "bbbb\n"]);
    }

    #[test]
    fn t06_chunks_never_exceed_the_room() {
        let shown = (1..200).map(|size| Shown { path: String::new(), material: "x".repeat(size * 7 % 290) });
        let chunks = pack(shown.collect(), 100);
        assert_eq!(chunks.iter().map(Vec::len).sum::<usize>(), 199);
        for chunk in chunks {
            let texts: Vec<_> = chunk.iter().map(|it| it.material.as_str()).collect();
            assert!(estimated_tokens(texts.join("\n").len() as u64) <= 100);
        }
    }

    #[test]
    fn an_excerpt_has_the_lines_that_matter() {
        let lines: Vec<String> = (1..=2_000).map(|number| format!("line number {number}")).collect();
        let excerpt = excerpt(&lines.join("\n"), &[(1_000, 1_001)]);
        assert!(excerpt.contains("line number 1000\n") && excerpt.contains("[… line 988]"));
        assert!(!excerpt.contains("line number 500\n"));
    }
}
