//! How long searches take, and how much memory, beside a plain scan of the same
//! files for the same words in the same run.
//!
//! ```text
//! cargo run --release -p banto-finder --example times -- REPOSITORY "TASK"
//! ```
//!
//! The repository is cloned, and the clone goes with the run. The plain scan is the
//! program in `RG`, or `rg`, or else `git grep`. Each line is the median of five runs
//! by wall clock, each run a process of its own, with the files in the system's cache.

use banto_finder::Finder;
use std::{
    env,
    error::Error,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const RUNS: usize = 5;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [repository, task] => measure(repository, task),
        // The program calls itself, so that each search has its own memory.
        [_, folder, cache, revision, task] => search(folder, cache, revision, task),
        _ => Err("REPOSITORY TASK".into()),
    }
}

fn measure(repository: &str, task: &str) -> Outcome<()> {
    let place = tempfile::tempdir()?;
    let clone = place.path().join("clone");
    git(place.path(), &["clone", "-q", repository, "clone"])?;
    let files = git(&clone, &["ls-files"])?.lines().count();
    let commits = git(&clone, &["rev-list", "--count", "HEAD"])?;
    println!("{files} files, {} commits, {} bytes", commits.trim(), bytes(&clone)?);

    let words: Vec<_> = task.split(|it: char| !it.is_alphanumeric()).filter(|it| it.len() > 3).collect();
    let pattern = words.join("|");
    let program = env::var("RG").unwrap_or_else(|_| "rg".to_owned());
    let scan = |program: &str, before: &[&str]| {
        let arguments = [before, &["-c", "-i", pattern.as_str()]].concat();
        median(|| timed(Command::new(program).args(&arguments).current_dir(&clone)))
    };
    let plain = scan(&program, &["-j1"]).or_else(|_| scan("git", &["-c", "grep.threads=1", "grep", "-E"]))?;
    let line = |what: &str, (time, memory): (Duration, u64)| {
        let ratio = time.as_secs_f64() / plain.0.as_secs_f64();
        println!("{what:36} {:8.3} s {:6} MB {ratio:7.2}", time.as_secs_f64(), memory / 1024);
    };
    line("plain scan, one thread", plain);
    line("plain scan, its own number of threads", scan(&program, &[]).unwrap_or(plain));

    let cache = place.path().join("cache");
    let run = |revision: &str| search_in_child(&clone, &cache, revision, task);
    let afresh = |before: &dyn Fn() -> Outcome<()>, revision: &str| {
        median(|| {
            before()?;
            run(revision)
        })
    };
    let empty = || {
        if cache.exists() {
            fs::remove_dir_all(&cache)?;
        }
        Ok(())
    };
    let nothing = || Ok(());
    line("working tree, nothing in the cache", afresh(&empty, "")?);
    // The files of a fresh clone are too young to be trusted unread.
    for file in git(&clone, &["ls-files", "-z"])?.split('\0').filter(|it| !it.is_empty()) {
        if let Ok(file) = fs::File::options().write(true).open(clone.join(file)) {
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(3600))?;
        }
    }
    run("")?;
    line("working tree, again", afresh(&nothing, "")?);
    let source = git(&clone, &["ls-files", "*.rs", "*.py", "*.ts", "*.go"])?;
    let edited = clone.join(source.lines().next().ok_or("no source")?);
    let edit = || Ok(fs::OpenOptions::new().append(true).open(&edited)?.write_all(b"\n")?);
    line("working tree, one file edited", afresh(&edit, "")?);
    empty()?;
    line("commit, nothing in the cache", afresh(&empty, "HEAD")?);
    line("commit, again", afresh(&nothing, "HEAD")?);
    let before = || {
        empty()?;
        run("HEAD~1").map(drop)
    };
    line("the next commit", afresh(&before, "HEAD")?);
    let mut finder = Finder::open(&clone, Some(&cache))?;
    let mut again = || {
        let started = Instant::now();
        let tree = finder.tree(None)?;
        finder.find(&tree, task, 20)?;
        Ok((started.elapsed(), 0))
    };
    again()?;
    line("working tree, again in one process", median(again)?);
    Ok(())
}

fn search(folder: &str, cache: &str, revision: &str, task: &str) -> Outcome<()> {
    let mut finder = Finder::open(Path::new(folder), Some(Path::new(cache)))?;
    let tree = finder.tree(Some(revision).filter(|it| !it.is_empty()))?;
    println!("{}", finder.find(&tree, task, 20)?.len());
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    println!("{}", peak.and_then(|it| it.split_whitespace().next()).unwrap_or("0"));
    Ok(())
}

fn search_in_child(folder: &Path, cache: &PathBuf, revision: &str, task: &str) -> Outcome<(Duration, u64)> {
    let mut child = Command::new(env::current_exe()?);
    child.arg("search").arg(folder).arg(cache).args([revision, task]);
    let started = Instant::now();
    let output = child.output()?;
    let time = started.elapsed();
    let text = String::from_utf8(output.stdout)?;
    Ok((time, text.lines().last().ok_or("the search failed")?.parse()?))
}

fn timed(command: &mut Command) -> Outcome<(Duration, u64)> {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    // One says that nothing matched.
    if status.code().is_none_or(|it| it > 1) {
        return Err("the scan failed".into());
    }
    Ok((started.elapsed(), 0))
}

fn median(mut run: impl FnMut() -> Outcome<(Duration, u64)>) -> Outcome<(Duration, u64)> {
    let mut all = (0..RUNS).map(|_| run()).collect::<Outcome<Vec<_>>>()?;
    all.sort();
    Ok(all.get(RUNS / 2).copied().unwrap_or_default())
}

fn bytes(clone: &Path) -> Outcome<u64> {
    let listed = git(clone, &["ls-files", "-z"])?;
    let sizes = listed.split('\0').filter_map(|it| fs::symlink_metadata(clone.join(it)).ok());
    Ok(sizes.filter(|it| it.is_file()).map(|it| it.len()).sum())
}

fn git(folder: &Path, arguments: &[&str]) -> Outcome<String> {
    let output = Command::new("git").args(arguments).current_dir(folder).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
