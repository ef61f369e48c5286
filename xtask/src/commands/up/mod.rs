//! `cargo xtask up`: sets up, builds, and runs the gateway with a local model until it is told to stop.
//!
//! The configuration is watched: a valid edit is rendered again and Envoy takes it up without a restart, an invalid one
//! is reported and the last good one keeps serving. Whatever was started is stopped on the way out, whichever way that is.

mod admin;
mod banner;
mod folder;
mod gateway;
mod local_model;
mod render;
mod stop;
mod watch;

use std::path::PathBuf;

use clap::Args;

use crate::artefacts;
use crate::children::Running;
use crate::failure::Outcome;
use crate::ui;
use crate::workspace::Workspace;

use folder::RunFolder;
use gateway::{Ready, start};
use render::Render;
use stop::Stop;
use watch::{Edition, Watch};

/// What to run.
#[derive(Args)]
pub struct Options {
    /// The configuration to run [default: config/gateway.yaml of the checkout]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The port clients connect to, instead of the configuration's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// The port of Envoy's admin interface, instead of the configuration's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    admin_port: Option<u16>,
    /// Envoy's worker threads [default: one per hardware thread]
    #[arg(long, value_name = "N")]
    concurrency: Option<u32>,
    /// An Envoy to use instead of a packaged one [env: ENVOY]
    #[arg(long, value_name = "PATH")]
    envoy: Option<PathBuf>,
    /// Leave the local model out
    #[arg(long)]
    no_model: bool,
}

/// Runs the gateway until it is told to stop.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome<()> {
    let config = render::config_path(workspace, options.config.as_deref())?;
    let cli = artefacts::cli(workspace)?;
    render::validate(&cli, &config)?;
    let ready = Ready::prepare(workspace, options)?;
    let folder = RunFolder::claim(workspace)?;
    let render = Render {
        cli,
        config,
        folder: folder.path().to_path_buf(),
        wasm: ready.wasm.clone(),
        port: options.port,
        admin_port: options.admin_port,
    };
    let first = Edition::first(&render)?;
    let rendered = &first.rendered;
    rendered.say_left_out(&[]);
    let stop = Stop::listen()?;
    let Some(mut gateway) = start(&ready, rendered, options, &stop)? else { return Ok(()) };
    let model = gateway.model.as_ref().and_then(|_| local_model::port(rendered));
    println!("{}", banner::text(rendered, &ready.python, gateway.model.as_ref().map(Running::id)));
    watch::until_stopped(Watch::new(&render, first, model), &mut gateway, &stop)?;
    ui::say("stopping", "Envoy and what was started beside it");
    drop(gateway);
    ui::say("stopped", "nothing is left running");
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn port_0_is_refused_before_anything_is_built() {
        for option in ["--port", "--admin-port"] {
            assert!(Line::try_parse_from(["up", option, "0"]).is_err());
        }
        assert_eq!(Line::try_parse_from(["up", "--port", "1"]).ok().unwrap().options.port, Some(1));
    }
}
