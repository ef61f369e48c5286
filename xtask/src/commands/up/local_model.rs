//! Serves the local model where the configuration expects it: on the port of the provider named `local`.

use std::process::Stdio;
use std::time::Duration;

use super::render::Rendered;
use super::stop::Stop;
use crate::children::Running;
use crate::failure::Outcome;
use crate::http;
use crate::ports;
use crate::setup::model::Model;
use crate::ui;

const PROVIDER: &str = "local";
const LOOPBACK: &str = "127.0.0.1";
const READY_LIMIT: Duration = Duration::from_secs(120);

/// Starts the model and waits until it answers; `None` when the configuration has no place for it.
pub fn start(model: &Model, rendered: &Rendered, stop: &Stop) -> Outcome<Option<Running>> {
    let Some(provider) = rendered.providers.iter().find(|provider| provider.name == PROVIDER) else {
        ui::say("model", "not started: the configuration has no provider named `local`");
        return Ok(None);
    };
    let Some(port) = loopback_port(&provider.url) else {
        ui::say(
            "model",
            &format!("not started: the provider `local` is {}, not on this machine", provider.url),
        );
        return Ok(None);
    };
    let change = "change the `url` of the provider `local`, or leave the model out with --no-model";
    ports::require_free(LOOPBACK, port, "the local model", change)?;
    let step = ui::Step::begin("start the local model");
    let mut command = model.serve(port);
    let mut running = Running::start("the local model", command.stdout(Stdio::null()))?;
    let answers =
        || stop.asked() || http::get(LOOPBACK, port, "/health").is_ok_and(|(status, _)| status == 200);
    match running.wait_until(answers, READY_LIMIT, "read what it says above, or leave it out with --no-model")
    {
        Ok(()) => {
            step.end();
            Ok(Some(running))
        }
        Err(failure) => {
            step.abandon();
            Err(failure)
        }
    }
}

/// The port that the configuration expects the model on, if it has a place for it.
pub fn port(rendered: &Rendered) -> Option<u16> {
    let provider = rendered.providers.iter().find(|provider| provider.name == PROVIDER)?;
    loopback_port(&provider.url)
}

/// The port of an address on this machine.
fn loopback_port(url: &str) -> Option<u16> {
    let rest = url.strip_prefix("http://")?;
    let authority = rest.split('/').next()?;
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    matches!(host, LOOPBACK | "localhost").then(|| port.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_on_this_machine_have_a_port_to_serve_on() {
        for (url, expected) in [
            ("http://127.0.0.1:8088", Some(8088)),
            ("http://localhost:8088/v1", Some(8088)),
            ("http://127.0.0.1", Some(80)),
            ("http://model.internal:8088", None),
            ("https://127.0.0.1:8088", None),
            ("http://127.0.0.1:x", None),
            ("http://127.0.0.1.example:8088", None),
        ] {
            assert_eq!(loopback_port(url), expected, "{url}");
        }
    }
}
