//! `cargo xtask test`: the native tests, then the integration tests against a real Envoy.
//!
//! The runners write to the terminal themselves. The second half runs even when the first has failed, so that one run
//! shows everything.

mod integration;
mod matrix;

use std::path::PathBuf;

use clap::Args;

use crate::artefacts;
use crate::command;
use crate::failure::{Failure, Outcome};
use crate::setup::{self, client, envoy, model, wasm_target};
use crate::ui;
use crate::workspace::Workspace;

use integration::Suite;

/// Which tests run, and against what.
#[derive(Args)]
pub struct Options {
    /// Run only the integration tests, against every Envoy release that is known to be packaged
    #[arg(long, conflicts_with = "envoy")]
    envoy_matrix: bool,
    /// An Envoy to test instead of a packaged one
    #[arg(long, value_name = "PATH")]
    envoy: Option<PathBuf>,
    /// Run only tests whose name contains this
    #[arg(last = true)]
    filter: Option<String>,
}

/// Sets up, builds, and runs the tests.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome<()> {
    // Looked up first: the build below may replace the file this process was started from.
    let xtask = std::env::current_exe().unwrap_or_else(|_| workspace.target.join("debug/xtask"));
    if options.envoy_matrix {
        let envoys = {
            let _lock = setup::lock(workspace)?;
            matrix::prepare(workspace)?
        };
        let suite = suite(workspace, xtask, options)?;
        return matrix::run(workspace, &suite, &envoys);
    }
    let envoy = {
        let _lock = setup::lock(workspace)?;
        envoy::prepare(workspace, options.envoy.as_deref())?
    };
    let suite = suite(workspace, xtask, options)?;
    let native = native(workspace, options.filter.as_deref());
    let integration = suite.run(workspace, &envoy);
    conclude(&[("native tests", native), ("integration tests", integration)])
}

/// Everything the integration tests need beside an Envoy.
fn suite(workspace: &Workspace, xtask: PathBuf, options: &Options) -> Outcome<Suite> {
    let (model, python) = {
        let _lock = setup::lock(workspace)?;
        wasm_target::prepare(workspace)?;
        (model::prepare(workspace)?, client::prepare(workspace)?)
    };
    Ok(Suite {
        wasm: artefacts::wasm(workspace)?,
        cli: artefacts::cli(workspace)?,
        provider: artefacts::provider(workspace)?,
        xtask,
        model,
        python,
        filter: options.filter.clone(),
    })
}

fn native(workspace: &Workspace, filter: Option<&str>) -> Outcome<()> {
    ui::say("test", "natively");
    let mut cargo = workspace.cargo(&["test", "--workspace", "--no-fail-fast"]);
    cargo.args(filter.iter().flat_map(|filter| ["--", filter]));
    command::loud(&mut cargo, "the native tests", "repair what the tests report above")
}

fn conclude(results: &[(&str, Outcome<()>)]) -> Outcome<()> {
    let mut failed = Vec::new();
    for (name, result) in results {
        println!("{name}: {}", if result.is_ok() { "passed" } else { "FAILED" });
        failed.extend(result.as_ref().err());
    }
    if failed.is_empty() {
        return Ok(());
    }
    let what: Vec<&str> = failed.iter().map(|failure| failure.what.as_str()).collect();
    let remedy: Vec<&str> = failed.iter().map(|failure| failure.remedy.as_str()).collect();
    Err(Failure::new(what.join("; "), remedy.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_half_fails_the_whole_and_is_named() {
        let failure = conclude(&[("a", Ok(())), ("b", Err(Failure::new("b broke", "mend b")))]).unwrap_err();
        assert_eq!((failure.what.as_str(), failure.remedy.as_str()), ("b broke", "mend b"));
        assert!(conclude(&[("a", Ok(())), ("b", Ok(()))]).is_ok());
    }
}
