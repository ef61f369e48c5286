//! The programs that run: prepared, built, and started in the order in which they need each other.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::artefacts;
use crate::children::Running;
use crate::failure::{Failure, Outcome};
use crate::ports;
use crate::setup::{self, client, envoy, model::Model, wasm_target};
use crate::ui;
use crate::workspace::Workspace;

use super::render::{Endpoint, Rendered};
use super::stop::Stop;
use super::{Options, admin, local_model};

/// V8 compiles the module before the listener opens, which a busy machine can make long.
const ENVOY_READY_LIMIT: Duration = Duration::from_secs(60);

const REMEDY: &str = "read what Envoy says above; `tollgate validate` checks the configuration";

/// Programs and files that were prepared and built.
pub struct Ready {
    envoy: PathBuf,
    model: Option<Model>,
    /// The Python that has the client SDKs.
    pub python: PathBuf,
    /// The filter.
    pub wasm: PathBuf,
}

/// What runs; Envoy is stopped first, so that nothing is sent to a model that is gone.
pub struct Gateway {
    /// Envoy.
    pub envoy: Running,
    /// The local model, where there is one.
    pub model: Option<Running>,
}

impl Ready {
    /// Prepares and builds.
    pub fn prepare(workspace: &Workspace, options: &Options) -> Outcome<Self> {
        let _lock = setup::lock(workspace)?;
        wasm_target::prepare(workspace)?;
        let envoy = envoy::prepare(workspace, options.envoy.as_deref())?;
        let model = (!options.no_model).then(|| setup::model::prepare(workspace)).transpose()?;
        let python = client::prepare(workspace)?;
        let wasm = artefacts::wasm(workspace)?;
        Ok(Self { envoy, model, python, wasm })
    }
}

/// Starts the model and Envoy; `None` when told to stop before they were ready.
pub fn start(ready: &Ready, rendered: &Rendered, options: &Options, stop: &Stop) -> Outcome<Option<Gateway>> {
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
    let mut envoy = Running::start_without(is_noise, "Envoy", &mut command)?;
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

/// Envoy 1.36 and newer warn of a field that 1.35 needs, at every reload, and nobody who runs the gateway can do
/// anything about it.
fn is_noise(line: &str) -> bool {
    line.contains(
        "Using deprecated option 'envoy.config.route.v3.VirtualHost.per_request_buffer_limit_bytes'",
    )
}

/// Envoy calls itself ready even when it has refused everything it was given.
fn took(rendered: &Rendered, stop: &Stop) -> Outcome<()> {
    if stop.asked() || (admin::refused(&rendered.admin) == Some(0) && admin::listens(&rendered.listen)) {
        return Ok(());
    }
    Err(Failure::new("Envoy refused the rendered configuration or the filter", REMEDY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_warning_of_the_deprecated_limit_is_noise() {
        let warning = "[2026-11-25 18:53:54.614][23284][warning][misc] [source/common/protobuf/message_validator_impl.cc:23] \
             Deprecated field: type envoy.config.route.v3.VirtualHost Using deprecated option \
             'envoy.config.route.v3.VirtualHost.per_request_buffer_limit_bytes' from file route_components.proto.";
        assert!(is_noise(warning));
        assert!(!is_noise(&warning.replace("per_request_buffer_limit_bytes", "other")));
        assert!(!is_noise("config rejected: per_request_buffer_limit_bytes: value must be greater than 0"));
    }
}
