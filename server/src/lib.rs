//! The Banto control plane. `serve` wires the rooms together; ARCHITECTURE.md
//! says what each of them owns.

pub mod access;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod companion;
pub mod config;
pub mod error;
mod fail_point;
pub mod feed;
pub mod grpc;
pub mod id;
pub mod input;
pub mod job;
pub mod plan;
pub mod preferences;
pub mod prompt;
pub mod provider;
pub mod registry;
pub mod run;
pub mod secret;
pub mod serve;
pub mod store;
pub mod task;
pub mod workflow;
pub mod workspace;
