//! The ordinary way: `rustup target add`, given up quickly when rustup's server does not answer.
//!
//! Does nothing where the compiler in use is not one of rustup's: it would change another one.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{Compiler, TARGET};
use crate::command::{self, Patience};
use crate::failure::{Failure, Outcome};
use crate::workspace::Workspace;

/// How long the server may take until the download begins; the download itself may be slow.
const PATIENCE: Patience = Patience { sign: "downloading component", wait: Duration::from_secs(30) };

/// Adds the target to the toolchain in use.
pub fn add(workspace: &Workspace, compiler: &Compiler) -> Outcome<()> {
    if !manages(workspace, compiler) {
        return Err(Failure::new("the compiler in use is not managed by rustup", ""));
    }
    let mut add = rustup(workspace);
    command::quiet_within(
        add.args(["target", "add", TARGET]),
        &format!("rustup target add {TARGET}"),
        "",
        &PATIENCE,
    )
}

/// Adds the target again, for when rustup believes in a library that is damaged.
pub fn add_again(workspace: &Workspace, compiler: &Compiler) -> Outcome<()> {
    let mut remove = rustup(workspace);
    command::quiet(remove.args(["target", "remove", TARGET]), &format!("rustup target remove {TARGET}"), "")?;
    add(workspace, compiler)
}

fn rustup(workspace: &Workspace) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(&workspace.root).env("RUSTUP_MAX_RETRIES", "0");
    command
}

fn manages(workspace: &Workspace, compiler: &Compiler) -> bool {
    let answer =
        command::output(rustup(workspace).args(["which", "rustc"]), "ask rustup for its compiler", "");
    let found = answer.ok().and_then(|path| Path::new(path.trim()).canonicalize().ok());
    found.zip(compiler.sysroot.canonicalize().ok()).is_some_and(|(rustc, sysroot)| rustc.starts_with(sysroot))
}
