//! The Banto control plane. `serve` wires the rooms together; ARCHITECTURE.md
//! says what each of them owns.

pub mod companion;
pub mod config;
pub mod error;
pub mod id;
pub mod prompt;
pub mod run;
pub mod secret;
pub mod store;
pub mod feed;
pub mod access;
pub mod job;
pub mod registry;
