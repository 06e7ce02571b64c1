//! The Companion.

pub mod guide;
