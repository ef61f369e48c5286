//! `cargo xtask bench`: what the gateway costs beside plain Envoy and beside a filter that does nothing.
//!
//! [`Bench`] holds everything a measurement needs, prepared; the measurements ([`requests`], [`memory`], [`start`])
//! take it and return tables. All of them go round robin over the variants of Envoy and report the median of what each
//! round gave, because the machine is never quiet.

mod build;
mod edit;
mod effort;
mod fleet;
mod load;
mod memory;
mod requests;
mod scene;
mod start;
mod stats;
mod table;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub use self::effort::Effort;
use crate::artefacts;
use crate::failure::Outcome;
use crate::setup::{self, envoy, wasm_target};
use crate::workspace::Workspace;

/// What to measure, and with what.
#[derive(Args)]
pub struct Options {
    /// An Envoy to measure instead of a packaged one
    #[arg(long, value_name = "PATH")]
    envoy: Option<PathBuf>,
    /// Fewer rounds and requests: rougher numbers in a fifth of the time
    #[arg(long)]
    quick: bool,
    /// Measure only this; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<Part>,
    /// Write the access log, to nowhere, in every variant; otherwise no variant writes one
    #[arg(long)]
    access_log: bool,
}

/// The parts of the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Processor time per request
    Cpu,
    /// Processor time per event of a stream
    Stream,
    /// Latency at one connection
    Latency,
    /// Memory per worker, and its growth
    Memory,
    /// Bytes of wasm and time to the first answer
    Start,
}

/// What every measurement starts from.
pub struct Bench {
    /// The Envoy to measure.
    pub envoy: PathBuf,
    /// The release wasm.
    pub wasm: PathBuf,
    /// The filter that does nothing.
    pub noop: PathBuf,
    /// The `tollgate` command, which renders the configuration.
    pub cli: PathBuf,
    /// The scripted provider that answers.
    pub provider: PathBuf,
    /// The program that sends.
    pub load: PathBuf,
    /// The folder with the requests' bodies.
    pub bodies: PathBuf,
    /// A folder for this run's files.
    pub scratch: PathBuf,
    /// How much is measured.
    pub effort: Effort,
    /// Whether the variants write an access log.
    pub logging: Logging,
}

/// Whether the variants write an access log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logging {
    /// None does.
    Off,
    /// Each does, as it is rendered, to a file that keeps nothing.
    ToNowhere,
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
            noop: build::noop(workspace)?,
            cli: artefacts::cli(workspace)?,
            provider: artefacts::provider(workspace)?,
            load: build::load(workspace)?,
            bodies: workspace.root.join("bench/requests"),
            scratch: workspace.target.join("bench"),
            effort: if options.quick { Effort::Quick } else { Effort::Full },
            logging: if options.access_log { Logging::ToNowhere } else { Logging::Off },
        })
    }
}

/// Prepares and measures.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome<()> {
    let bench = Bench::prepare(workspace, options)?;
    for part in Part::value_variants() {
        if options.only.is_empty() || options.only.contains(part) {
            for table in measure(&bench, *part)? {
                println!("{table}");
            }
        }
    }
    Ok(())
}

fn measure(bench: &Bench, part: Part) -> Outcome<Vec<table::Table>> {
    match part {
        Part::Cpu => requests::cpu(bench),
        Part::Stream => requests::stream(bench),
        Part::Latency => requests::latency(bench),
        Part::Memory => memory::measure(bench),
        Part::Start => start::measure(bench),
    }
}
