//! Figures: distributions, and what the system knows of a process.

use rustix::process::{Pid, getpid};
use serde_json::{Value, json};
use std::fs;

/// A sorted sample of times in nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<u64>);

impl Sample {
    /// Sorts the values.
    pub fn new(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        Self(values)
    }

    /// The value below which this share of the values is, in milliseconds.
    pub fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let rank = (share * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.saturating_sub(1).min(last)).map_or(f64::NAN, |&value| value as f64 / 1e6)
    }

    /// The median in milliseconds.
    pub fn p50(&self) -> f64 {
        self.at(0.5)
    }

    /// In milliseconds.
    pub fn p99(&self) -> f64 {
        self.at(0.99)
    }

    /// As it stands in the JSON file.
    pub fn json(&self) -> Value {
        let ms = |share| round(self.at(share));
        json!({"count": self.0.len(), "p50_ms": ms(0.5), "p90_ms": ms(0.9), "p99_ms": ms(0.99), "max_ms": ms(1.0)})
    }
}

/// Three decimal places: microseconds where the value is milliseconds.
pub fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// How often 1 MiB is in KiB.
pub fn mib(kib: u64) -> f64 {
    round(kib as f64 / 1024.0)
}

/// Processor time of a process so far, in milliseconds. `None` where there is
/// no `/proc`.
fn cpu_ms(pid: Pid) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The name of the process may hold spaces; it ends with the last bracket.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks * tick_ms())
}

/// Processor time of the whole machine so far, in milliseconds.
fn machine_ms() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<f64> =
        stat.lines().next()?.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    // User, nice, system; interrupts; not idle or waiting, and no guest twice.
    let busy: f64 =
        fields.iter().enumerate().filter(|(at, _)| matches!(at, 0..=2 | 5..=7)).map(|(_, ms)| ms).sum();
    Some(busy * tick_ms())
}

fn tick_ms() -> f64 {
    1_000.0 / rustix::param::clock_ticks_per_second() as f64
}

/// Resident memory of a process and the most that it ever was, in KiB.
pub fn memory(pid: Pid) -> Option<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
    let kib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some((kib("VmRSS:")?, kib("VmHWM:")?))
}

/// Who used the processors during a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Processors {
    banto: f64,
    bench: f64,
    machine: f64,
    wall: f64,
}

impl Processors {
    /// Reads the counters.
    pub fn now(banto: Pid) -> Option<Self> {
        Some(Self {
            banto: cpu_ms(banto)?,
            bench: cpu_ms(getpid())?,
            machine: machine_ms()?,
            wall: crate::upstream::now() as f64 / 1e6,
        })
    }

    /// What was used since.
    pub fn since(self, before: Self) -> Self {
        Self {
            banto: self.banto - before.banto,
            bench: self.bench - before.bench,
            machine: self.machine - before.machine,
            wall: self.wall - before.wall,
        }
    }

    /// Both times together.
    pub fn and(self, other: Self) -> Self {
        Self {
            banto: self.banto + other.banto,
            bench: self.bench + other.bench,
            machine: self.machine + other.machine,
            wall: self.wall + other.wall,
        }
    }

    /// Milliseconds of Banto's processor time.
    pub fn banto_ms(self) -> f64 {
        self.banto
    }

    /// Shares of one core: of Banto, of this benchmark and of everybody else.
    pub fn cores(self) -> [f64; 3] {
        let others = (self.machine - self.banto - self.bench).max(0.0);
        [self.banto, self.bench, others].map(|ms| round(ms / self.wall.max(1.0)))
    }
}
