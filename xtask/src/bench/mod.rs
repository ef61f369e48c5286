//! `cargo xtask bench`: what the gateway costs beside plain Envoy and beside a filter that does nothing.
//!
//! [`Bench`] holds everything a measurement needs, prepared; the measurements are modules of this folder that take it.

use std::path::PathBuf;

use clap::Args;

use crate::artefacts;
use crate::failure::{Failure, Outcome};
use crate::setup::{self, envoy, wasm_target};
use crate::workspace::Workspace;

/// What to measure with.
#[derive(Args)]
pub struct Options {
    /// An Envoy to measure instead of a packaged one
    #[arg(long, value_name = "PATH")]
    envoy: Option<PathBuf>,
}

/// What every measurement starts from.
pub struct Bench {
    /// The Envoy to measure.
    pub envoy: PathBuf,
    /// The release wasm.
    pub wasm: PathBuf,
    /// The `tollgate` command, which renders the configuration.
    pub cli: PathBuf,
    /// The scripted provider that answers.
    pub provider: PathBuf,
}

impl Bench {
    fn prepare(workspace: &Workspace, options: &Options) -> Outcome<Self> {
        let envoy = {
            let _lock = setup::lock(workspace)?;
            wasm_target::prepare(workspace)?;
            envoy::prepare(workspace, options.envoy.as_deref())?
        };
        Ok(Self {
            envoy,
            wasm: artefacts::wasm(workspace)?,
            cli: artefacts::cli(workspace)?,
            provider: artefacts::provider(workspace)?,
        })
    }
}

/// Prepares and measures.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome<()> {
    let bench = Bench::prepare(workspace, options)?;
    measure(&bench)
}

fn measure(bench: &Bench) -> Outcome<()> {
    let ready = [&bench.envoy, &bench.wasm, &bench.cli, &bench.provider];
    let ready: Vec<String> = ready.iter().map(|path| Workspace::shown(path)).collect();
    Err(Failure::new(
        format!("no measurement is written yet (ready: {})", ready.join(", ")),
        "add one to xtask/src/bench and call it here",
    ))
}
