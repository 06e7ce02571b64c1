//! The time as it is stored.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

/// Now, to the microsecond: PostgreSQL keeps no more, and what is told live must
/// equal what is read later.
#[must_use]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
}
