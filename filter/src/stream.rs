//! Receives the callbacks of one stream and hands them to its machine.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;
use tollgate_gateway::attempt::{self, Attempt};
use tollgate_gateway::downstream::{self, Downstream};
use tollgate_gateway::effect::{Effects, ReadReply};
use tollgate_gateway::event::{AttemptEvent, Cut, EdgeEvent, Head, Origin};
use tollgate_gateway::telemetry::field;

use crate::host::{self, Buffer, Map};
use crate::perform::{Reading, perform};
use crate::root::Keys;
use crate::telemetry::Telemetry;

/// Where an endpoint's target index is: `tollgate.target` of its metadata.
const TARGET: &str = "xds\0upstream_host_metadata\0filter_metadata\0tollgate\0target";

/// How Envoy came by a reply; `via_upstream` is one that a provider sent.
const CODE_DETAILS: &str = "response\0code_details";

/// The status the client got.
const CODE: &str = "response\0code";

/// How [`CODE_DETAILS`] begins where the client went away: its connection ended, or it took back its stream.
const CLIENT_LEFT: [&[u8]; 4] = [b"downstream_", b"http1.", b"http2.", b"http3."];

/// A stream at the downstream position.
pub struct DownstreamStream {
    machine: Downstream,
    keys: Rc<Keys>,
    reading: Reading,
    telemetry: Rc<Telemetry>,
}

impl DownstreamStream {
    /// A stream under `policy`.
    pub fn new(policy: Rc<downstream::Policy>, keys: Rc<Keys>, telemetry: Rc<Telemetry>) -> Self {
        Self { machine: Downstream::new(policy), keys, reading: Reading::edge(), telemetry }
    }

    fn on(&mut self, event: EdgeEvent<'_>) -> Action {
        let effects = self.machine.on(event, &*self.keys);
        perform(effects, &mut self.reading, &self.telemetry)
    }

    fn whole_request(&mut self) -> Action {
        let body = host::buffer(Buffer::Request, usize::MAX).unwrap_or_default();
        self.on(EdgeEvent::RequestBody { body: &body, document: None })
    }

    fn whole_reply(&mut self) -> Action {
        let body = host::buffer(Buffer::Reply, usize::MAX).unwrap_or_default();
        self.reading.reply_bytes_here = body.len();
        self.on(EdgeEvent::ReplyBody { body: &body })
    }

    fn piece(&mut self, bytes: &[u8], end: bool) -> Action {
        if self.machine.awaits_first_piece() {
            self.on(EdgeEvent::FirstPiece { now: host::now() });
        }
        self.reading.reply_bytes_here = bytes.len();
        self.on(EdgeEvent::ReplyPiece { bytes, end })
    }

    /// Who wrote the reply. Envoy never makes up a success.
    fn origin(head: &Head) -> Origin {
        let succeeded = (200..300).contains(&head.status());
        if succeeded || host::property(CODE_DETAILS).is_some_and(|details| details == b"via_upstream") {
            Origin::Provider
        } else {
            Origin::Envoy
        }
    }
}

impl Context for DownstreamStream {}

impl HttpContext for DownstreamStream {
    fn on_http_request_headers(&mut self, _count: usize, end: bool) -> Action {
        let head = host::head(Map::Request);
        self.on(EdgeEvent::RequestHead { head: &head, end, now: host::now() })
    }

    fn on_http_request_body(&mut self, size: usize, end: bool) -> Action {
        if !self.machine.awaits_body() {
            return Action::Continue;
        }
        if end { self.whole_request() } else { self.on(EdgeEvent::RequestGrew { bytes: size }) }
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        if self.machine.awaits_body() { self.whole_request() } else { Action::Continue }
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        if !self.machine.awaits_reply() {
            return Action::Continue;
        }
        let head = host::head(Map::Reply);
        let origin = Self::origin(&head);
        let receipt = if self.machine.attempted_here() { None } else { host::property(field::RECEIPT) };
        self.on(EdgeEvent::ReplyHead { head: &head, end, receipt, origin })
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        match self.reading.reply {
            ReadReply::Not => Action::Continue,
            ReadReply::Pieces => {
                // The last piece is often empty, and is not asked for then.
                let bytes = if size == 0 { Ok(Vec::new()) } else { host::buffer(Buffer::Reply, size) };
                self.piece(&bytes.unwrap_or_default(), end)
            }
            ReadReply::Whole if end => self.whole_reply(),
            ReadReply::Whole => self.on(EdgeEvent::ReplyGrew { bytes: size }),
        }
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        match self.reading.reply {
            ReadReply::Not => Action::Continue,
            ReadReply::Pieces => self.piece(&[], true),
            ReadReply::Whole => self.whole_reply(),
        }
    }

    fn on_log(&mut self) {
        let cut = if self.machine.awaits_more() { cut() } else { Cut::Unknown };
        self.on(EdgeEvent::Over { now: host::now(), cut });
    }
}

/// What cut a reply short that was not complete.
fn cut() -> Cut {
    let details = host::property(CODE_DETAILS).unwrap_or_default();
    if CLIENT_LEFT.iter().any(|beginning| details.starts_with(beginning)) {
        return Cut::ByClient;
    }
    let status = host::property(CODE).and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)));
    Cut::Behind { status: status.and_then(|status| u16::try_from(status).ok()).unwrap_or_default() }
}

/// A stream at the upstream position.
pub struct AttemptStream {
    attempt: Attempt,
    policy: Rc<attempt::Policy>,
    keys: Rc<Keys>,
    reading: Reading,
    telemetry: Rc<Telemetry>,
}

impl AttemptStream {
    /// A stream under `policy`.
    pub fn new(policy: Rc<attempt::Policy>, keys: Rc<Keys>, telemetry: Rc<Telemetry>) -> Self {
        let attempt = Attempt::new(Rc::clone(&policy));
        Self { attempt, policy, keys, reading: Reading::attempt(), telemetry }
    }

    fn perform(&mut self, effects: Effects) -> Action {
        perform(effects, &mut self.reading, &self.telemetry)
    }

    /// The index of the endpoint's provider; one that does not exist where the endpoint does not say.
    fn target(&self) -> usize {
        if self.policy.providers.len() == 1 {
            return 0;
        }
        let text = host::property(TARGET).and_then(|bytes| String::from_utf8(bytes).ok());
        text.and_then(|text| text.parse().ok()).unwrap_or(usize::MAX)
    }

    fn request_body(&mut self) -> Action {
        let body = host::buffer(Buffer::Request, self.reading.request_bytes).unwrap_or_default();
        self.reading.request_bytes = 0;
        let effects = self.attempt.on(AttemptEvent::RequestBody { body: &body, document: None });
        self.perform(effects)
    }

    fn reply_body(&mut self, size: usize, end: bool) -> Action {
        // The last piece is often empty, and is not asked for then.
        let held =
            if size == 0 { Ok(Vec::new()) } else { host::buffer(Buffer::Reply, size) }.unwrap_or_default();
        self.reading.reply_bytes_here = held.len();
        let effects = self.attempt.on(AttemptEvent::ReplyBody { held: &held, end });
        self.perform(effects)
    }
}

impl Context for AttemptStream {}

impl HttpContext for AttemptStream {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        let effects = self.attempt.on(AttemptEvent::RequestHead {
            handoff: host::property(field::HANDOFF),
            receipt: host::property(field::RECEIPT),
            target: self.target(),
            secrets: &*self.keys,
        });
        self.perform(effects)
    }

    fn on_http_request_body(&mut self, size: usize, end: bool) -> Action {
        if self.reading.request_bytes == 0 {
            return Action::Continue;
        }
        if end || size >= self.reading.request_bytes { self.request_body() } else { Action::Pause }
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        if self.reading.request_bytes == 0 { Action::Continue } else { self.request_body() }
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        let head = host::head(Map::Reply);
        let effects = self.attempt.on(AttemptEvent::ReplyHead { head: &head, end });
        self.perform(effects)
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        if self.reading.reply == ReadReply::Not { Action::Continue } else { self.reply_body(size, end) }
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        if self.reading.reply == ReadReply::Not {
            Action::Continue
        } else {
            self.reply_body(usize::MAX, true)
        }
    }
}

/// A stream of a plugin that has no configuration.
pub struct PassStream;

impl Context for PassStream {}

impl HttpContext for PassStream {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        // Unreachable as long as Envoy refuses a plugin whose configuration failed; if it ever is not, nothing passes.
        let _ = host::answer(500, &[], b"", "tollgate_unconfigured");
        Action::Pause
    }
}
