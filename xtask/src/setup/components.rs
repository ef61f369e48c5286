//! Rust's formatter and linter, which small installations of Rust leave out.

use std::process::Command;

use crate::command;
use crate::failure::Outcome;
use crate::workspace::Workspace;

const REMEDY: &str =
    "install them by hand: `rustup component add rustfmt clippy`, or your system's packages of these names";

/// Adds what is missing through rustup.
pub fn prepare(workspace: &Workspace) -> Outcome<()> {
    let there = |verb| {
        command::output(&mut workspace.cargo(&[verb, "--version"]), "look for a component", "").is_ok()
    };
    if there("fmt") && there("clippy") {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.current_dir(&workspace.root).args(["component", "add", "rustfmt", "clippy"]);
    command::quiet(&mut rustup, "rustup component add rustfmt clippy", REMEDY)
}
