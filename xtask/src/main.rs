//! `cargo xtask …`: the one door for developers and for CI.
//!
//! Every command sets up what it needs, says what it is doing, and fails with what went wrong and what to do about it.
//! Whatever it downloads or builds stays under `target/`, except what can only be installed for the whole machine:
//! CONTRIBUTING.md lists it.

mod artefacts;
mod bench;
mod children;
mod command;
mod commands;
mod failure;
mod http;
mod lock;
mod ports;
mod setup;
mod stamp;
mod ui;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Outcome;
use crate::workspace::Workspace;

/// Tollgate's developer commands.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Set up, build and start the gateway with a local model, until Ctrl-C
    Up(commands::up::Options),
    /// Set up and run every test: native, then against a real Envoy
    Test(commands::test::Options),
    /// Format, lints (native and wasm) and documentation, without a warning
    Check,
    /// Build the release wasm and print its size
    Wasm,
    /// Measure speed, memory and size against plain Envoy
    Bench(bench::Options),
    /// Only set up what the other commands need (they do it by themselves)
    Setup(commands::setup::Options),
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(options.verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            ui::failed(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Outcome<()> {
    let workspace = Workspace::find()?;
    match verb {
        Verb::Up(options) => commands::up::run(&workspace, &options),
        Verb::Test(options) => commands::test::run(&workspace, &options),
        Verb::Check => commands::check::run(&workspace),
        Verb::Wasm => commands::wasm::run(&workspace),
        Verb::Bench(options) => bench::run(&workspace, &options),
        Verb::Setup(options) => commands::setup::run(&workspace, &options),
    }
}
