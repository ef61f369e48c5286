//! Builds what only the benchmark needs: the filter that does nothing, and the load generator.

use std::path::PathBuf;

use crate::command;
use crate::failure::Outcome;
use crate::setup::wasm_target::TARGET;
use crate::ui;
use crate::workspace::Workspace;

const REMEDY: &str = "repair what the compiler reports above";

/// The filter that does nothing, as release wasm.
pub fn noop(workspace: &Workspace) -> Outcome<PathBuf> {
    ui::say("build", "the filter that does nothing");
    let mut cargo = workspace.cargo(&["build", "--release", "--target", TARGET, "--package", "noop-filter"]);
    command::loud(&mut cargo, "build the filter that does nothing", REMEDY)?;
    Ok(workspace.target.join(TARGET).join("release/noop_filter.wasm"))
}

/// The load generator.
pub fn load(workspace: &Workspace) -> Outcome<PathBuf> {
    ui::say("build", "the load generator");
    let mut cargo = workspace.cargo(&["build", "--profile", "tools", "--package", "bench-load"]);
    command::loud(&mut cargo, "build the load generator", REMEDY)?;
    Ok(workspace.target.join("tools/bench-load"))
}
