//! Tasks and the file finder: what is to be done, and which files matter for it.

mod command_line;
mod crash;
mod description;
mod desk;
mod engine;
mod files;
mod improve;
mod judge;
mod limits;
mod shared;
mod stop;
