//! Workspaces: folders that are opened, closed and joined; their files, and nothing
//! outside them; whom they may be sent to.

mod command_line;
mod desk;
mod files;
mod list;
mod shared;
