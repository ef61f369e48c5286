//! What can be written on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tollgate_gateway::config::Period;

use crate::load::{environment, every_key};

/// Validates gateway.yaml and renders what Envoy reads.
#[derive(Debug, Parser)]
#[command(name = "tollgate", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Reports every mistake in a configuration, with its place and what to write instead.
    Validate(Validate),
    /// Writes what a proxy reads.
    Render(Render),
    /// Prints the JSON Schema of gateway.yaml.
    Schema,
}

/// Reports every mistake in a configuration.
#[derive(Debug, Args)]
pub struct Validate {
    /// The configuration.
    #[arg(default_value = "config/gateway.yaml")]
    pub file: PathBuf,
    /// Where keys are looked up.
    #[command(flatten)]
    pub keys: Keys,
}

/// Where keys are looked up: in the environment, or nowhere.
#[derive(Debug, Args)]
pub struct Keys {
    /// Take every key as present, for a pipeline that has none: no optional provider is left out, and Envoy must have all
    /// the keys.
    #[arg(long)]
    pub assume_keys: bool,
}

impl Keys {
    /// The look-up.
    pub fn look_up(&self) -> &'static dyn Fn(&str) -> Option<String> {
        if self.assume_keys { &every_key } else { &environment }
    }
}

/// For which proxy to render.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Proxy {
    /// Envoy with its configuration in files.
    Envoy,
}

/// Writes what a proxy reads.
#[derive(Debug, Args)]
pub struct Render {
    /// For which proxy.
    pub proxy: Proxy,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "config/gateway.yaml")]
    pub config: PathBuf,
    /// The directory to write; writing it again reloads the Envoy that reads it.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The filter.
    #[arg(long, value_name = "PATH")]
    pub wasm: PathBuf,
    /// The port where clients connect, instead of the configuration's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// The port of Envoy's admin interface, instead of the configuration's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub admin_port: Option<u16>,
    /// The certificates that providers are verified with [default: the system's].
    #[arg(long, value_name = "PATH")]
    pub ca_bundle: Option<PathBuf>,
    /// Where the access log is written [default: standard output].
    #[arg(long, value_name = "PATH")]
    pub access_log: Option<PathBuf>,
    /// How long a running Envoy gets to warm new clusters before requests are sent to them.
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = Period::parse)]
    pub settle: Period,
    /// Where keys are looked up.
    #[command(flatten)]
    pub keys: Keys,
    /// Write nothing, only check the configuration and the options.
    #[arg(long)]
    pub dry_run: bool,
    /// Print what was rendered as one JSON object.
    #[arg(long)]
    pub json: bool,
}
