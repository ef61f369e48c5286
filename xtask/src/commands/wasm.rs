//! `cargo xtask wasm`: the release build of the filter, and what it weighs.

use std::path::Path;
use std::process::Command;

use crate::artefacts;
use crate::command;
use crate::failure::{CHECK_FOLDER, OrFail, Outcome};
use crate::setup::{self, wasm_target};
use crate::workspace::Workspace;

/// Builds the wasm and prints its path and size.
pub fn run(workspace: &Workspace) -> Outcome<()> {
    {
        let _lock = setup::lock(workspace)?;
        wasm_target::prepare(workspace)?;
    }
    let path = artefacts::wasm(workspace)?;
    let bytes = std::fs::metadata(&path).or_fail(format!("read {}", path.display()), CHECK_FOLDER)?.len();
    let packed = packed_bytes(&path)?;
    println!("{}: {bytes} bytes, {packed} bytes with gzip", Workspace::shown(&path));
    Ok(())
}

/// The size that a registry would store and transfer.
fn packed_bytes(path: &Path) -> Outcome<u64> {
    let script = format!("gzip -9 -c '{}' | wc -c", path.display());
    let remedy = "install gzip";
    let answer = command::output(Command::new("sh").args(["-c", &script]), "compress the wasm", remedy)?;
    answer.trim().parse().or_fail("compress the wasm", remedy)
}
