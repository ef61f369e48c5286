//! Builds what runs: the wasm for Envoy, the `tollgate` command, and the provider that the tests script.
//!
//! Cargo shows its own progress. Each function returns the path of what was built.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command;
use crate::failure::{CHECK_FOLDER, OrFail, Outcome};
use crate::setup::wasm_target::TARGET;
use crate::ui;
use crate::workspace::Workspace;

const REMEDY: &str = "repair what the compiler reports above";

/// The release wasm, as `target/tollgate.wasm`. The target must have been prepared.
pub fn wasm(workspace: &Workspace) -> Outcome<PathBuf> {
    ui::say("build", "the filter, as release wasm");
    let mut cargo =
        workspace.cargo(&["build", "--release", "--target", TARGET, "--package", "tollgate-filter"]);
    command::loud(&mut cargo, "build the filter", REMEDY)?;
    let built = workspace.target.join(TARGET).join("release/tollgate_filter.wasm");
    let placed = workspace.target.join("tollgate.wasm");
    place(&built, &placed)?;
    Ok(placed)
}

/// The `tollgate` command.
pub fn cli(workspace: &Workspace) -> Outcome<PathBuf> {
    ui::say("build", "the tollgate command");
    command::loud(
        &mut workspace.cargo(&["build", "--package", "tollgate"]),
        "build the tollgate command",
        REMEDY,
    )?;
    Ok(workspace.target.join("debug/tollgate"))
}

/// The provider that answers, fails and stalls as a test tells it to.
pub fn provider(workspace: &Workspace) -> Outcome<PathBuf> {
    ui::say("build", "the scripted provider");
    let mut cargo = workspace.cargo(&["build", "--profile", "tools", "--package", "scripted-provider"]);
    command::loud(&mut cargo, "build the scripted provider", REMEDY)?;
    Ok(workspace.target.join("tools/scripted-provider"))
}

/// Copies in one rename, so that nobody reads half a file; an equal file is left alone.
fn place(from: &Path, to: &Path) -> Outcome<()> {
    let bytes = fs::read(from).or_fail(format!("read {}", from.display()), REMEDY)?;
    if fs::read(to).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let partial = to.with_extension(format!("partial-{}", std::process::id()));
    let write = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, to));
    write.or_fail(format!("write {}", to.display()), CHECK_FOLDER)
}
