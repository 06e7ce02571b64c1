//! The Banto control plane. `serve` wires the rooms together; ARCHITECTURE.md
//! says what each of them owns.

pub mod cli;
pub mod config;
pub mod error;
pub mod id;
pub mod run;
pub mod secret;
