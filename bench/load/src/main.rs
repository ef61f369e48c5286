//! Sends requests in a closed loop over kept-alive connections, checks that each answer is whole and says what it
//! should, and prints one line: how long they took, and how much processor time the server spent meanwhile.
//!
//! One answer that is not as expected ends the run with an error: a measurement of errors is worth nothing. It uses
//! plain threads, one per connection, and allocates nothing per request, so that the machine is left to the server.

mod answer;
mod cpu;
mod run;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Sends requests in a closed loop and checks every answer.
#[derive(Clone, Parser)]
pub struct Options {
    /// The server.
    #[arg(long)]
    address: SocketAddr,
    /// The path to post to.
    #[arg(long)]
    path: String,
    /// A header to send, as `name: value`; may be repeated.
    #[arg(long = "header")]
    headers: Vec<String>,
    /// The file with the request's body.
    #[arg(long)]
    body: PathBuf,
    /// How many connections send at the same time.
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// How many requests are measured, over all connections.
    #[arg(long)]
    requests: usize,
    /// How many requests go before, over all connections, and are not measured.
    #[arg(long, default_value_t = 0)]
    warm_up: usize,
    /// What every answer's body must contain.
    #[arg(long)]
    contains: String,
    /// What every answer's body must end with, white space aside.
    #[arg(long)]
    ends: String,
    /// The process whose processor time is measured.
    #[arg(long)]
    process: u32,
}

fn main() -> ExitCode {
    match run::run(&Options::parse()) {
        Ok(measured) => {
            println!("{measured}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("bench-load: {message}");
            ExitCode::FAILURE
        }
    }
}
