//! A provider that does as it is told: it answers, fails, stalls, floods and breaks off streams.
//!
//! What a request is answered with is written in the model's name (see [`script`]), so the provider holds no state but
//! the list of requests it received (see [`record`]). It speaks OpenAI Chat Completions and Anthropic Messages in the
//! shape of the real interfaces, and is as strict as they are: what they refuse, it refuses, so that a mistake in a
//! translation shows. It serves the integration tests and the benchmark, and is never part of a deployment.

mod answer;
mod anthropic;
mod body;
mod openai;
mod record;
mod script;
mod server;
mod shape;
mod turn;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;

/// A provider that answers, fails, stalls and cuts streams as the model's name tells it.
#[derive(Parser)]
struct Options {
    /// Address to listen on; port 0 lets the system choose, and standard output says which it chose.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The name the provider gives itself in its answers and errors.
    #[arg(long, default_value = "provider")]
    name: String,
    /// The only key that is accepted, in the dialect's own header; without this option any key or none will do.
    #[arg(long)]
    key: Option<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let served = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(server::serve(options.listen, options.name, options.key)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scripted-provider: {}: {error}", options.listen);
            ExitCode::FAILURE
        }
    }
}
