//! Performs what the machines say, in order. A call that Envoy refuses is logged; nothing is held because of it.

use proxy_wasm::types::Action;
use tollgate_gateway::effect::{Answer, Effect, Effects, Flow, ReadReply};

use crate::host::{self, Buffer, Level, Map, Refused};
use crate::telemetry::Telemetry;

/// How the bodies of one stream are read from here on; changed by effects.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// How much of the beginning of the request's body is wanted, in bytes.
    pub request_bytes: usize,
    /// How the reply's body is wanted.
    pub reply: ReadReply,
    /// How much of the reply's body is here now, in bytes.
    pub reply_bytes_here: usize,
}

impl Reading {
    /// The whole request, and nothing of the reply.
    pub fn edge() -> Self {
        Self { request_bytes: usize::MAX, reply: ReadReply::Not, reply_bytes_here: 0 }
    }

    /// Nothing of either.
    pub fn attempt() -> Self {
        Self { request_bytes: 0, reply: ReadReply::Not, reply_bytes_here: 0 }
    }
}

/// Performs `effects` and says whether the stream goes on.
pub fn perform(effects: Effects, reading: &mut Reading, telemetry: &Telemetry) -> Action {
    for effect in effects.list {
        let what = name(&effect);
        if let Err(refused) = perform_one(effect, reading, telemetry) {
            host::log(Level::Warn, &format!("tollgate: Envoy did not perform {what}: {refused:?}"));
        }
    }
    match effects.flow {
        Flow::Continue => Action::Continue,
        Flow::Wait => Action::Pause,
    }
}

fn perform_one(effect: Effect, reading: &mut Reading, telemetry: &Telemetry) -> Result<(), Refused> {
    match effect {
        Effect::SetRequestHeader(name, value) => host::set_header(Map::Request, name, &value),
        Effect::Authenticate(name, secret) => host::set_header(Map::Request, name, secret.expose()),
        Effect::RemoveRequestHeader(name) => host::remove_header(Map::Request, &name),
        Effect::ReadRequest(bytes) => {
            reading.request_bytes = bytes;
            Ok(())
        }
        Effect::ReplaceRequestPrefix { bytes, with } => host::replace_prefix(Buffer::Request, bytes, &with),
        Effect::SetReplyHeader(name, value) => host::set_header(Map::Reply, name, &value),
        Effect::RemoveReplyHeader(name) => host::remove_header(Map::Reply, name),
        Effect::ReplaceReply(with) => host::replace_prefix(Buffer::Reply, reading.reply_bytes_here, &with),
        Effect::Read(reply) => {
            reading.reply = reply;
            Ok(())
        }
        Effect::Answer(answer) => send(&answer),
        Effect::SetState(field, value) => host::set_property(field, &value),
        // The downstream machine has carried it out before anything gets here.
        Effect::AttemptHere { .. } => Ok(()),
        Effect::ChooseRouteAgain => host::clear_route_cache(),
        Effect::Record(sample) => {
            telemetry.record(sample);
            Ok(())
        }
    }
}

fn send(answer: &Answer) -> Result<(), Refused> {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(answer.headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
    host::answer(answer.status, &headers, &answer.body, answer.details)
}

/// What an effect is called in the log: never what it carries.
fn name(effect: &Effect) -> &'static str {
    match effect {
        Effect::SetRequestHeader(name, _)
        | Effect::Authenticate(name, _)
        | Effect::SetReplyHeader(name, _) => name,
        Effect::RemoveRequestHeader(_) | Effect::RemoveReplyHeader(_) => "the removal of a header",
        Effect::ReadRequest(_) | Effect::Read(_) => "reading",
        Effect::ReplaceRequestPrefix { .. } => "a change of the request's body",
        Effect::ReplaceReply(_) => "a change of the reply's body",
        Effect::Answer(_) => "an answer",
        Effect::SetState(field, _) => field,
        Effect::AttemptHere { .. } => "an attempt",
        Effect::ChooseRouteAgain => "the choice of a route",
        Effect::Record(_) => "a metric",
    }
}
