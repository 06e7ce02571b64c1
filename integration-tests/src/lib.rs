//! What the tests drive the real server with.

pub mod upstream;
