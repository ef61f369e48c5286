//! `cargo xtask check`: format, lints for the machine and for wasm, and documentation, all without a warning.
//!
//! Every check runs even when an earlier one has failed, so that one run shows everything.

use std::process::Command;

use crate::command;
use crate::failure::{Failure, Outcome};
use crate::setup::{self, components, wasm_target};
use crate::ui;
use crate::workspace::Workspace;

/// The packages that end up in the wasm.
const WASM_PACKAGES: [&str; 3] = ["tollgate-filter", "tollgate-gateway", "tollgate-tokenizer"];

/// Runs every check and fails when one of them did.
pub fn run(workspace: &Workspace) -> Outcome<()> {
    {
        let _lock = setup::lock(workspace)?;
        components::prepare(workspace)?;
        wasm_target::prepare(workspace)?;
    }
    let mut failed = Vec::new();
    for (name, mut command, remedy) in checks(workspace) {
        ui::say("check", name);
        if let Err(failure) = command::loud(&mut command, name, remedy) {
            ui::warn(&failure.what);
            failed.push((name, remedy));
        }
    }
    if failed.is_empty() {
        println!("check: all {} checks passed", checks(workspace).len());
        return Ok(());
    }
    let names: Vec<&str> = failed.iter().map(|(name, _)| *name).collect();
    let remedies: Vec<&str> = failed.iter().map(|(_, remedy)| *remedy).collect();
    Err(Failure::new(format!("check failed: {}", names.join("; ")), remedies.join("; ")))
}

fn checks(workspace: &Workspace) -> [(&'static str, Command, &'static str); 4] {
    let lints = ["--", "--deny", "warnings"];
    let mut native = workspace.cargo(&["clippy", "--quiet", "--workspace", "--all-targets"]);
    native.args(lints);
    let mut wasm = workspace.cargo(&["clippy", "--quiet", "--target", wasm_target::TARGET]);
    for package in WASM_PACKAGES {
        wasm.args(["--package", package]);
    }
    wasm.args(lints);
    let mut docs = workspace.cargo(&["doc", "--quiet", "--workspace", "--no-deps"]);
    docs.env("RUSTDOCFLAGS", "--deny warnings");
    let repair = "repair what clippy reports";
    [
        ("format", workspace.cargo(&["fmt", "--all", "--check"]), "run `cargo fmt --all`"),
        ("clippy for this machine", native, repair),
        ("clippy for wasm", wasm, repair),
        ("documentation", docs, "repair the doc comments that rustdoc reports"),
    ]
}
