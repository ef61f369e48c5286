//! `cargo xtask up`: sets up, builds, and runs the gateway with a local model until it is told to stop.
//!
//! The configuration is watched: a valid edit is rendered again and Envoy takes it up without a restart, an invalid one
//! is reported and the last good one keeps serving. Whatever was started is stopped on the way out, whichever way that is.

mod admin;
mod banner;
mod folder;
mod local_model;
mod render;
mod stop;
mod watch;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use clap::Args;

use crate::artefacts;
use crate::children::Running;
use crate::failure::{Failure, Outcome};
use crate::ports;
use crate::setup::{self, client, envoy, model::Model, wasm_target};
use crate::ui;
use crate::workspace::Workspace;

use folder::RunFolder;
use render::{Endpoint, Render, Rendered};
use stop::Stop;

/// V8 compiles the module before the listener opens, which a busy machine can make long.
const ENVOY_READY_LIMIT: Duration = Duration::from_secs(60);

const REMEDY: &str = "read what Envoy says above; `tollgate validate` checks the configuration";

/// What to run.
#[derive(Args)]
pub struct Options {
    /// The configuration to run [default: config/gateway.yaml of the checkout]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The port clients connect to, instead of the configuration's
    #[arg(long)]
    port: Option<u16>,
    /// The port of Envoy's admin interface, instead of the configuration's
    #[arg(long)]
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

/// Programs and files that were prepared and built.
struct Ready {
    envoy: PathBuf,
    model: Option<Model>,
    /// The Python that has the client SDKs.
    python: PathBuf,
    wasm: PathBuf,
}

/// What runs; Envoy is stopped first, so that nothing is sent to a model that is gone.
struct Gateway {
    envoy: Running,
    model: Option<Running>,
}

/// Runs the gateway until it is told to stop.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome<()> {
    let config = render::config_path(workspace, options.config.as_deref())?;
    let cli = artefacts::cli(workspace)?;
    render::validate(&cli, &config)?;
    let ready = prepare(workspace, options)?;
    let folder = RunFolder::claim(workspace)?;
    let render = Render {
        cli,
        config,
        folder: folder.path().to_path_buf(),
        wasm: ready.wasm.clone(),
        port: options.port,
        admin_port: options.admin_port,
    };
    let rendered = render.run()?;
    rendered.say_left_out(&[]);
    let stop = Stop::listen()?;
    let Some(mut gateway) = start(&ready, &rendered, options, &stop)? else { return Ok(()) };
    println!("{}", banner::text(&rendered, &ready.python, gateway.model.as_ref().map(Running::id)));
    watch::until_stopped(&render, rendered, &mut gateway, &stop)?;
    ui::say("stopping", "Envoy and what was started beside it");
    drop(gateway);
    ui::say("stopped", "nothing is left running");
    Ok(())
}

fn prepare(workspace: &Workspace, options: &Options) -> Outcome<Ready> {
    let _lock = setup::lock(workspace)?;
    wasm_target::prepare(workspace)?;
    let envoy = envoy::prepare(workspace, options.envoy.as_deref())?;
    let model = (!options.no_model).then(|| setup::model::prepare(workspace)).transpose()?;
    let python = client::prepare(workspace)?;
    let wasm = artefacts::wasm(workspace)?;
    Ok(Ready { envoy, model, python, wasm })
}

/// Starts the model and Envoy; `None` when told to stop before they were ready.
fn start(ready: &Ready, rendered: &Rendered, options: &Options, stop: &Stop) -> Outcome<Option<Gateway>> {
    let Endpoint { address, port } = &rendered.listen;
    ports::require_free(address, *port, "clients", "choose another with --port N or `listen.port`")?;
    let Endpoint { address, port } = &rendered.admin;
    ports::require_free(
        address,
        *port,
        "Envoy's admin interface",
        "choose another with --admin-port N or `admin.port`",
    )?;
    let model = match &ready.model {
        Some(model) => local_model::start(model, rendered, stop)?,
        None => None,
    };
    if stop.asked() {
        return Ok(None);
    }
    let envoy = start_envoy(ready, rendered, options.concurrency, stop)?;
    Ok((!stop.asked()).then_some(Gateway { envoy, model }))
}

fn start_envoy(
    ready: &Ready,
    rendered: &Rendered,
    concurrency: Option<u32>,
    stop: &Stop,
) -> Outcome<Running> {
    let mut command = Command::new(&ready.envoy);
    command.arg("-c").arg(&rendered.bootstrap).args(["--disable-hot-restart", "--log-level", "warning"]);
    if let Some(count) = concurrency {
        command.args(["--concurrency", &count.to_string()]);
    }
    let step = ui::Step::begin("start Envoy");
    let mut envoy = Running::start("Envoy", &mut command)?;
    let answers = || stop.asked() || admin::ready(&rendered.admin);
    match envoy.wait_until(answers, ENVOY_READY_LIMIT, REMEDY).and_then(|()| took(rendered, stop)) {
        Ok(()) => {
            step.end();
            Ok(envoy)
        }
        Err(failure) => {
            step.abandon();
            Err(failure)
        }
    }
}

/// Envoy calls itself ready even when it has refused everything it was given.
fn took(rendered: &Rendered, stop: &Stop) -> Outcome<()> {
    if stop.asked() || (admin::refused(&rendered.admin) == 0 && admin::listens(&rendered.listen)) {
        return Ok(());
    }
    Err(Failure::new("Envoy refused the rendered configuration or the filter", REMEDY))
}
