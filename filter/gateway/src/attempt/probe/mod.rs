//! The beginning of a reply, held until it is known whether an answer follows.
//!
//! A provider that is overloaded often answers 200 and then says so in the body. Once a status of 200 is on its way to the
//! client nobody can try elsewhere, so the head waits until the body has shown what it is. An error before the answer becomes
//! the status it would have had: Envoy's retry policy then sees it, and the next provider is asked. It also means that a client
//! gets the head no earlier than the first piece of the answer, and that the time a try has to begin its answer,
//! `per_try_timeout`, runs until then and not just until the head.

mod stream;
mod whole;

use stream::StreamProbe;
use whole::WholeProbe;

use crate::chat::Failure;
use crate::dialects::Dialect;
use crate::effect::{Effect, Effects};
use crate::event::Head;

/// How much of a reply is looked at; one that has not begun its answer by then passes.
const PROBE_BYTES_MAX: usize = 64 * 1024;

/// Looks for an error where an answer should begin.
#[derive(Debug)]
pub struct Probe {
    dialect: Dialect,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stream(StreamProbe),
    Whole(WholeProbe),
}

/// What the beginning of a reply is.
#[derive(Debug, PartialEq)]
pub enum Beginning {
    /// Nothing of an answer has come.
    Unknown,
    /// An answer.
    Sound,
    /// An error, or no answer.
    Failed(Failure<'static>),
}

impl Probe {
    /// A probe of a reply in `dialect` that begins with `head`; none if it cannot be looked at.
    pub fn new(dialect: Dialect, head: &Head) -> Option<Self> {
        let is_stream = head.media_type().eq_ignore_ascii_case(b"text/event-stream");
        let kind = match is_stream {
            _ if head.is_encoded() => return None,
            true => Kind::Stream(StreamProbe::new(dialect)),
            false if head.is_json() => Kind::Whole(WholeProbe::new(dialect)),
            false => return None,
        };
        Some(Self { dialect, kind })
    }

    /// Looks at all that is `held` of the reply, of which an earlier call has seen the beginning; `end` says that this is all.
    pub fn look(&mut self, held: &[u8], end: bool) -> Beginning {
        match &mut self.kind {
            Kind::Stream(probe) => match probe.look(held) {
                Beginning::Unknown if end => probe.finish(),
                beginning => beginning,
            },
            Kind::Whole(probe) => probe.look(held, end),
        }
    }

    /// What a reply that failed becomes: the provider's error as one JSON document with its status.
    pub fn told(&self, failure: &Failure<'_>) -> Effects {
        let mut body = Vec::with_capacity(256);
        self.dialect.write_failure(failure, &mut body);
        Effects::go_on(vec![
            Effect::SetReplyHeader(":status", failure.status.to_string().into()),
            Effect::SetReplyHeader("content-type", "application/json".into()),
            Effect::RemoveReplyHeader("content-length"),
            Effect::ReplaceReply(body),
        ])
    }
}
