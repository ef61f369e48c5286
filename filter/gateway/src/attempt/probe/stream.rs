//! The beginning of a streamed reply, held until it is known whether an answer follows.
//!
//! A provider that is overloaded often answers 200 and then says so in an event, the first one or one behind those that
//! open a reply; or it ends the stream before it has said anything. Once a status of 200 is on its way to the client
//! nobody can try elsewhere, so the head waits for the first piece of an answer. An error before it becomes the status
//! it would have had, and what is no answer at all becomes a 502: Envoy's retry policy then sees it, and the next
//! provider is asked. It also means that a client gets the head no earlier than that piece, and that the time a try has to
//! begin its answer, `per_try_timeout`, runs until then and not just until the head.
//!
//! What the dialect's reader does not know, such as a block of a provider's own tools, is no answer yet.

use crate::chat::{Delta, Failure};
use crate::dialects::{Dialect, StreamReader};
use crate::effect::{Effect, Effects};
use crate::reject::UpstreamFault;
use crate::wire::sse;

/// How much of a stream is looked at; one that has not begun its answer by then passes.
const PROBE_BYTES_MAX: usize = 64 * 1024;

/// Looks for an error before any content.
#[derive(Debug)]
pub struct Probe {
    dialect: Dialect,
    decoder: sse::Decoder,
    reader: StreamReader,
    seen_bytes: usize,
}

/// What the beginning of a stream is.
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
    /// A probe of one stream in `dialect`.
    pub fn new(dialect: Dialect) -> Self {
        let (decoder, reader) = (sse::Decoder::new(PROBE_BYTES_MAX), dialect.stream_reader());
        Self { dialect, decoder, reader, seen_bytes: 0 }
    }

    /// Looks at all that is `held` of the stream, of which an earlier call has seen the beginning.
    pub fn look(&mut self, held: &[u8]) -> Beginning {
        let Self { decoder, reader, .. } = self;
        let mut beginning = Beginning::Unknown;
        let seen_bytes = held.len().min(PROBE_BYTES_MAX);
        let fresh = held.get(self.seen_bytes..seen_bytes).unwrap_or_default();
        let result = decoder.push(fresh, |event| judge(reader, event, &mut beginning));
        self.seen_bytes = seen_bytes;
        let is_over = result.is_err() || held.len() > PROBE_BYTES_MAX;
        if is_over && beginning == Beginning::Unknown { Beginning::Sound } else { beginning }
    }

    /// Looks again at a stream that is unknown, now that all of it is here.
    pub fn finish(&mut self) -> Beginning {
        let Self { decoder, reader, .. } = self;
        let mut beginning = Beginning::Unknown;
        decoder.finish(|event| judge(reader, event, &mut beginning));
        match beginning {
            Beginning::Unknown => Beginning::Failed(UpstreamFault::BrokenOff.failure("")),
            Beginning::Sound | Beginning::Failed(_) => beginning,
        }
    }

    /// What a stream that failed becomes: the provider's error as one JSON document with its status.
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

/// Judges by one event, unless an earlier one has told.
fn judge(reader: &mut StreamReader, event: sse::Event<'_>, beginning: &mut Beginning) {
    if *beginning != Beginning::Unknown {
        return;
    }
    let result = reader.read(event, &mut |delta| {
        if *beginning == Beginning::Unknown {
            *beginning = weigh(&delta);
        }
    });
    if result.is_err() && *beginning == Beginning::Unknown {
        *beginning = Beginning::Failed(UpstreamFault::Unreadable.failure(""));
    }
}

/// What one step tells.
fn weigh(delta: &Delta<'_>) -> Beginning {
    match delta {
        Delta::Start { .. } | Delta::Usage(_) => Beginning::Unknown,
        Delta::Failed(failure) => Beginning::Failed(failure.clone().into_owned()),
        Delta::Text { .. }
        | Delta::Refusal { .. }
        | Delta::Thinking { .. }
        | Delta::Signature { .. }
        | Delta::RedactedThinking { .. }
        | Delta::CallStart { .. }
        | Delta::CallArguments { .. }
        | Delta::Finish { .. }
        | Delta::End => Beginning::Sound,
    }
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
