//! The ordinary way: `rustup target add`, given up quickly when rustup's server does not answer.

use std::process::Command;
use std::time::Duration;

use super::TARGET;
use crate::command::{self, Patience};
use crate::failure::Outcome;
use crate::workspace::Workspace;

/// How long the server may take until the download begins; the download itself may be slow.
const PATIENCE: Patience = Patience { sign: "downloading component", wait: Duration::from_secs(30) };

/// Adds the target to the toolchain in use.
pub fn add(workspace: &Workspace) -> Outcome<()> {
    let mut rustup = Command::new("rustup");
    rustup.current_dir(&workspace.root).env("RUSTUP_MAX_RETRIES", "0").args(["target", "add", TARGET]);
    command::quiet_within(&mut rustup, &format!("rustup target add {TARGET}"), "", &PATIENCE)
}
