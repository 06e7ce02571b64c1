//! The file finder of each root. A finder lives on a thread of its own: it reads
//! files and git's objects, which would hold up others, and cannot move between
//! threads.

use crate::error::{Error, Noun, Result};
use banto_finder::Finder;
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};
use tokio::sync::oneshot;

/// Questions that may wait for one root.
const QUEUE: usize = 64;
/// Silence after which a thread ends; the next question starts another.
const IDLE: Duration = Duration::from_secs(10 * 60);
/// When to ask again where too many wait.
const RETRY_SOON: Duration = Duration::from_secs(1);
/// The index of a large tree is built by recursion over its folders.
const STACK: usize = 16 << 20;

type Work = Box<dyn FnOnce(&mut Option<Finder>) + Send>;
type Threads = Mutex<HashMap<PathBuf, SyncSender<Work>>>;

/// The finders of all roots. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Folder for what finders work out; `None`: nothing is kept.
    cache: Option<Arc<Path>>,
    threads: Arc<Threads>,
}

impl Engine {
    pub(super) fn new(cache: Option<PathBuf>) -> Self {
        Self { cache: cache.map(Into::into), threads: Arc::default() }
    }

    /// Runs something with the finder of a root, after what was asked of that root
    /// before. What is started goes on to its end when nobody waits for it any more;
    /// what has not begun by then is passed over.
    ///
    /// # Errors
    /// `NotFound` of the root when it cannot be opened; `LimitExceeded` when too much
    /// waits for it; `Internal` when the work panicked.
    pub async fn run<T, W>(&self, root: &Path, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&mut Finder) -> T + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let (folder, cache) = (root.to_path_buf(), self.cache.clone());
        self.send(
            root,
            Box::new(move |finder| {
                if !answer.is_closed() {
                    let _ = answer.send(attempt(finder, &folder, cache.as_deref(), work));
                }
            }),
        )?;
        answered.await.map_err(|_| Error::Internal("the thread of a finder ended".to_owned()))?
    }

    /// Lets the finder of a root go, after what waits for it.
    pub(super) fn end(&self, root: &Path) {
        lock(&self.threads).remove(root);
    }

    /// Never waits, so the lock is held for the sending, and a thread that finds
    /// nothing to do can end without losing what is being sent.
    fn send(&self, root: &Path, mut work: Work) -> Result<()> {
        let mut threads = lock(&self.threads);
        if let Some(thread) = threads.get(root) {
            match thread.try_send(work) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(_)) => {
                    return Err(Error::LimitExceeded {
                        what: format!("{QUEUE} questions about this folder wait, which is the limit"),
                        retry_after: Some(RETRY_SOON),
                    });
                }
                Err(TrySendError::Disconnected(unsent)) => work = unsent,
            }
        }
        let (sender, queue) = sync_channel(QUEUE);
        let (key, others) = (root.to_path_buf(), Arc::downgrade(&self.threads));
        std::thread::Builder::new()
            .name("finder".to_owned())
            .stack_size(STACK)
            .spawn(move || serve(&key, &queue, &others))
            .map_err(|error| Error::Internal(format!("a finder's thread did not start: {error}")))?;
        // The queue is empty and the thread has just begun.
        let _ = sender.try_send(work);
        threads.insert(root.to_path_buf(), sender);
        Ok(())
    }
}

fn serve(root: &Path, queue: &Receiver<Work>, threads: &Weak<Threads>) {
    let mut finder = None;
    loop {
        match queue.recv_timeout(IDLE) {
            Ok(work) => work(&mut finder),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let Some(threads) = threads.upgrade() else { return };
                let mut threads = lock(&threads);
                match queue.try_recv() {
                    Ok(work) => {
                        drop(threads);
                        work(&mut finder);
                    }
                    Err(_) => {
                        // Its sender is still there, so the entry is this thread's.
                        threads.remove(root);
                        return;
                    }
                }
            }
        }
    }
}

/// A panic costs the finder and its answer, and nobody else's.
fn attempt<T>(
    finder: &mut Option<Finder>,
    root: &Path,
    cache: Option<&Path>,
    work: impl FnOnce(&mut Finder) -> T,
) -> Result<T> {
    let mut taken = finder.take();
    let tried = catch_unwind(AssertUnwindSafe(move || {
        let mut finder = match taken.take() {
            Some(finder) => finder,
            None => Finder::open(root, cache).map_err(|error| {
                tracing::warn!(%error, "a root of a workspace cannot be opened");
                Error::NotFound(Noun::Root)
            })?,
        };
        let answer = work(&mut finder);
        Ok((finder, answer))
    }));
    match tried {
        Ok(Ok((used, answer))) => {
            *finder = Some(used);
            Ok(answer)
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(Error::Internal("the work of a finder panicked".to_owned())),
    }
}

fn lock(threads: &Threads) -> MutexGuard<'_, HashMap<PathBuf, SyncSender<Work>>> {
    threads.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Engine, QUEUE};
    use crate::error::{Error, Noun};
    use std::{fs, sync::mpsc::channel};

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.rs"), "fn main() {}\n").unwrap();
        folder
    }

    async fn count(engine: &Engine, folder: &tempfile::TempDir) -> usize {
        engine.run(folder.path(), |finder| finder.tree(None).unwrap().entries().len()).await.unwrap()
    }

    #[tokio::test]
    async fn a_panic_ends_one_answer_and_nothing_else() {
        let (engine, folder) = (Engine::new(None), folder());
        let panicked: Result<(), _> = engine.run(folder.path(), |_| panic!("on purpose")).await;
        assert!(matches!(panicked, Err(Error::Internal(_))));
        assert_eq!(count(&engine, &folder).await, 1);
    }

    #[tokio::test]
    async fn a_root_that_is_gone_is_not_found_and_may_come_back() {
        let (engine, folder) = (Engine::new(None), folder());
        let place = folder.path().join("later");
        let gone = engine.run(&place, |_| ()).await;
        assert!(matches!(gone, Err(Error::NotFound(Noun::Root))));
        fs::create_dir(&place).unwrap();
        engine.run(&place, |_| ()).await.unwrap();
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_an_ended_thread_starts_again() {
        let (engine, folder) = (Engine::new(None), folder());
        let (hold, held) = channel::<()>();
        let (started, begun) = tokio::sync::oneshot::channel();
        let first = {
            let (engine, place) = (engine.clone(), folder.path().to_owned());
            tokio::spawn(async move {
                engine
                    .run(&place, move |_| {
                        let _ = started.send(());
                        let _ = held.recv();
                    })
                    .await
            })
        };
        begun.await.unwrap();
        let waiting: Vec<_> = (0..QUEUE).map(|_| Box::pin(engine.run(folder.path(), |_| ()))).collect();
        let mut waiting = futures::future::join_all(waiting);
        assert!(futures::poll!(&mut waiting).is_pending());
        let refused = engine.run(folder.path(), |_| ()).await;
        assert!(matches!(refused, Err(Error::LimitExceeded { .. })));
        drop(hold);
        assert!(first.await.unwrap().is_ok() && waiting.await.iter().all(Result::is_ok));
        engine.end(folder.path());
        assert_eq!(count(&engine, &folder).await, 1);
    }
}
