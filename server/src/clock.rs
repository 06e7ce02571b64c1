//! The time as it is stored. Deadlines do not come from here: they are monotonic,
//! so that a clock that is set does not end or lengthen anything.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

/// Now, to the microsecond: PostgreSQL keeps no more, and what is told live must
/// equal what is read later.
#[must_use]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now() + shift();
    now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
}

#[cfg(not(debug_assertions))]
fn shift() -> TimeDelta {
    TimeDelta::zero()
}

/// Seconds by which a test has set the clock, from the file that `BANTO_CLOCK`
/// names, so that it can be set while the server runs. A release has no such thing.
#[cfg(debug_assertions)]
fn shift() -> TimeDelta {
    use std::{path::PathBuf, sync::LazyLock};
    static FILE: LazyLock<Option<PathBuf>> =
        LazyLock::new(|| std::env::var_os("BANTO_CLOCK").map(PathBuf::from));
    let seconds = FILE.as_ref().and_then(|file| std::fs::read_to_string(file).ok()?.trim().parse().ok());
    TimeDelta::seconds(seconds.unwrap_or_default())
}
