//! Plans: written, checked, edited, merged, reviewed, approved, exported.

mod audit;
mod check;
mod command_line;
mod comments;
mod crash;
mod desk;
mod export;
mod generate;
mod limits;
mod merge;
mod outcome;
mod review;
mod revise;
mod shared;
mod stream;
