//! The files of a workspace, as the stages see them: each root's finder does the
//! work on its own thread, and paths are those within the workspace.

use crate::{
    error::{Error, Result},
    id::WorkspaceId,
    run::{Failure, FailureKind},
    store::{
        Access,
        task_file::{Reason, ReasonKind},
    },
    workspace::{self, FileEntry, WorkspacePath, Workspaces},
};
use banto_finder::{Error as FinderError, Finder, Reason as Fact, Search, Tree};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// A workspace's files and the task that is looked for in them.
pub(super) struct Ground {
    workspaces: Workspaces,
    workspace: WorkspaceId,
    roots: Vec<workspace::Ground>,
    pub task: String,
    /// Raised when nobody waits for what is being worked out.
    stop: Mutex<Arc<AtomicBool>>,
    /// Files whose contents look like secrets; found while contents were read.
    secrets: Mutex<BTreeSet<String>>,
}

/// A file with what the engine says about it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub path: String,
    /// 0 to 1, comparable over all roots.
    pub relevance: f64,
    pub size: u64,
}

impl Ground {
    pub async fn new(workspaces: &Workspaces, workspace: WorkspaceId, task: String) -> Result<Self> {
        let roots = workspaces.grounds(workspace).await?;
        if roots.is_empty() {
            return Err(Error::WorkspaceEmpty);
        }
        Ok(Self {
            workspaces: workspaces.clone(),
            workspace,
            roots,
            task,
            stop: Mutex::default(),
            secrets: Mutex::default(),
        })
    }

    /// Gives up what is being worked out; what is asked next begins anew.
    pub fn stop(&self) {
        let mut stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        stop.store(true, Ordering::Relaxed);
        *stop = Arc::default();
    }

    /// Asks the finder of each root, one after the other.
    pub async fn each<T, W>(&self, work: W) -> Result<Vec<T>, Failure>
    where
        T: Send + 'static,
        W: Fn(&workspace::Ground, &mut Finder, &Tree) -> Result<T, FinderError> + Clone + Send + 'static,
    {
        let mut answers = Vec::with_capacity(self.roots.len());
        for root in &self.roots {
            let flag = self.stop.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let (work, of) = (work.clone(), root.clone());
            let asked = self.workspaces.engine().run(&root.folder, move |finder| {
                finder.stop_at(flag);
                let answer = finder.tree(None).and_then(|tree| work(&of, finder, &tree));
                // What others ask of this finder must not be stopped by us.
                finder.stop_at(Arc::default());
                answer
            });
            let unreadable = |why: String| Failure::new(FailureKind::Repository, false, why);
            match asked.await {
                Ok(Ok(answer)) => answers.push(answer),
                Ok(Err(FinderError::Stopped)) => {
                    return Err(Failure::new(FailureKind::Internal, true, "the search was stopped"));
                }
                // The finder's own words would name a path of the server.
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the files of a workspace cannot be read");
                    return Err(unreadable("the repository or folder cannot be read".to_owned()));
                }
                Err(Error::Internal(why)) => return Err(Failure::new(FailureKind::Internal, true, why)),
                Err(error @ Error::LimitExceeded { .. }) => {
                    return Err(Failure::new(FailureKind::Repository, true, error.to_string()));
                }
                Err(_) => return Err(unreadable("a folder of the workspace cannot be read".to_owned())),
            }
        }
        Ok(answers)
    }

    /// Asks the search for the task in each root.
    pub async fn search<T, W>(&self, work: W) -> Result<Vec<T>, Failure>
    where
        T: Send + 'static,
        W: Fn(&workspace::Ground, &Search, &Finder, &Tree) -> T + Clone + Send + 'static,
    {
        let task = self.task.clone();
        self.each(move |root, finder, tree| {
            let search = finder.search(tree, &task)?;
            Ok(work(root, &search, finder, tree))
        })
        .await
    }

    /// Every file with what the engine says about it, the best first.
    pub async fn ranked(&self) -> Result<Vec<Candidate>, Failure> {
        let ranked = self
            .search(|root, search, _, _| {
                let best = search.ranked().first().map_or(0.0, |it| it.score);
                let files = search.ranked().iter().filter_map(|it| {
                    let path = root.write(&it.path)?;
                    Some(Candidate { path, relevance: it.relevance, size: it.size })
                });
                (best, files.collect::<Vec<_>>())
            })
            .await?;
        let best = ranked.iter().map(|it| it.0).fold(f64::MIN, f64::max);
        let mut all: Vec<Candidate> = Vec::new();
        for (of_root, files) in ranked {
            let scale = scale(of_root, best);
            all.extend(files.into_iter().map(|it| Candidate { relevance: it.relevance * scale, ..it }));
        }
        all.sort_by(|one, other| {
            other.relevance.total_cmp(&one.relevance).then_with(|| one.path.cmp(&other.path))
        });
        Ok(all)
    }

    /// The reasons of files, by their paths within the workspace.
    pub async fn reasons(&self, paths: Vec<String>) -> Result<BTreeMap<String, Vec<Reason>>, Failure> {
        let told = self
            .search(move |root, search, _, _| {
                let told = paths.iter().filter_map(|path| {
                    let parsed = WorkspacePath::parse("path", path).ok()?;
                    let facts = search.reasons(root.read(&parsed)?);
                    let reasons = facts.into_iter().filter_map(|fact| reason(root, fact));
                    Some((path.clone(), reasons.collect::<Vec<_>>()))
                });
                told.collect::<Vec<_>>()
            })
            .await?;
        Ok(told.into_iter().flatten().collect())
    }

    /// The paths of all files, sorted.
    pub async fn paths(&self) -> Result<BTreeSet<String>, Failure> {
        let paths = self
            .each(|root, _, tree| {
                Ok(tree.entries().iter().filter_map(|it| root.write(&it.path)).collect::<Vec<_>>())
            })
            .await?;
        Ok(paths.into_iter().flatten().collect())
    }

    /// Why a path that a model named is not one of the workspace's files.
    pub async fn why_not(&self, path: &str) -> String {
        let parsed = match WorkspacePath::parse("path", path) {
            Ok(parsed) => parsed,
            Err(Error::PathOutsideWorkspace) => return "it leads out of the workspace".to_owned(),
            Err(_) => return "it is no path".to_owned(),
        };
        match self.workspaces.entry(&Access::All, self.workspace, &parsed).await {
            Ok(_) => "it is ignored, or reached through a link".to_owned(),
            Err(Error::PathOutsideWorkspace) => "a link there leads out of the workspace".to_owned(),
            Err(_) => "there is no such file in the workspace".to_owned(),
        }
    }

    /// What a file is now, or what was known of it when it was found.
    pub async fn entry(&self, path: &str, size_bytes: u64) -> FileEntry {
        let known = self.secrets.lock().unwrap_or_else(PoisonError::into_inner).contains(path);
        let now = async {
            let path = WorkspacePath::parse("path", path)?;
            self.workspaces.entry(&Access::All, self.workspace, &path).await
        };
        match now.await {
            Ok(entry) => FileEntry { looks_secret: entry.looks_secret || known, ..entry },
            Err(_) => FileEntry { size_bytes, ..FileEntry::gone(path) },
        }
    }

    /// Remembers that a file's contents look like a secret.
    pub fn found_secret(&self, path: &str) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
    }
}

/// How the relevance in a root compares with that in the root that has the best
/// file: the difference of scores is the logarithm of the ratio, by the same scale
/// as within a root.
pub(super) fn scale(best_of_root: f64, best: f64) -> f64 {
    ((best_of_root - best) / 2.0).exp()
}

/// A fact of the engine, with paths within the workspace.
pub(super) fn reason(root: &workspace::Ground, fact: Fact) -> Option<Reason> {
    let empty = |kind| Reason::new(kind, String::new());
    let other = |kind, path: &str| Some(Reason { other_path: root.write(path)?, ..empty(kind) });
    let mut text = fact.to_string();
    let mut told = match fact {
        Fact::Named => empty(ReasonKind::Named),
        Fact::Path { terms } => Reason { terms, ..empty(ReasonKind::Path) },
        Fact::Symbol { name, line, terms } => {
            Reason { terms, symbol: name, lines: Some((line, line)), ..empty(ReasonKind::Symbol) }
        }
        Fact::Lines { from, to, terms, line, text: words } => {
            text = format!("lines {from} to {to}, such as line {line}: {words}");
            Reason { terms, lines: Some((from, to)), ..empty(ReasonKind::Lines) }
        }
        Fact::Commit { hash, terms, .. } => Reason { terms, commit: hash, ..empty(ReasonKind::Commit) },
        Fact::ImportedBy { path } => other(ReasonKind::ImportedBy, &path)?,
        Fact::Imports { path } => other(ReasonKind::Imports, &path)?,
        Fact::ChangedWith { path, .. } => other(ReasonKind::ChangedWith, &path)?,
        Fact::TestOf { path } | Fact::TestedBy { path } => other(ReasonKind::TestOf, &path)?,
        Fact::Uses { name, path } | Fact::Defines { name, path } => {
            Reason { symbol: name, ..other(ReasonKind::Definition, &path)? }
        }
    };
    told.text = text.chars().take(500).collect();
    Some(told)
}
