//! Places where a test makes the server die or panic, so that crashes are tested
//! at the worst moments and not at chance ones. A release has none.
//!
//! `BANTO_FAIL_POINT=NAME:ACTION@N` acts when NAME is reached for the Nth time;
//! ACTION is `abort` (as `kill -9` would) or `panic`.

/// Reaches a place.
#[cfg(not(debug_assertions))]
#[inline]
pub fn reach(_: &str) {}

/// Reaches a place.
#[cfg(debug_assertions)]
pub fn reach(name: &str) {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    };
    static WANTED: LazyLock<Option<(String, String, u32)>> = LazyLock::new(|| {
        let wanted = std::env::var("BANTO_FAIL_POINT").ok()?;
        let (name, rest) = wanted.split_once(':')?;
        let (action, nth) = rest.split_once('@')?;
        Some((name.to_owned(), action.to_owned(), nth.parse().ok()?))
    });
    static REACHED: AtomicU32 = AtomicU32::new(0);
    let Some((wanted, action, nth)) = &*WANTED else { return };
    if wanted == name && REACHED.fetch_add(1, Ordering::Relaxed) + 1 == *nth {
        if action == "abort" {
            std::process::abort();
        }
        panic!("the fail point {name} was reached");
    }
}
