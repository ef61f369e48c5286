//! The beginning of a streamed reply, held until its first event is known.
//!
//! A provider that is overloaded often answers 200 and then says so in its first event. Once a status of 200 is on its way
//! to the client nobody can try elsewhere, so the head waits for the first event, and an error there becomes the status
//! it would have had: Envoy's retry policy then sees it, and the next provider is asked. It also means that the time a try has to
//! begin its answer runs until the first event and not just until the head.

use crate::chat::{Delta, Failure};
use crate::dialects::{Dialect, StreamReader};
use crate::effect::{Effect, Effects, ReadReply};
use crate::wire::sse;

/// How much of a stream is looked at; one whose first event is longer passes.
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
    /// No event is complete.
    Unknown,
    /// An event that is no error.
    Sound,
    /// An error.
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
        let fresh = held.get(self.seen_bytes..).unwrap_or_default();
        let result = decoder.push(fresh, |event| {
            // Comments are no events, and what cannot be read is for edge to judge.
            if beginning == Beginning::Unknown && event.data().is_some() {
                beginning = judge(reader, event);
            }
        });
        self.seen_bytes = held.len();
        if result.is_err() { Beginning::Sound } else { beginning }
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
            Effect::Read(ReadReply::Not),
        ])
    }
}

fn judge(reader: &mut StreamReader, event: sse::Event<'_>) -> Beginning {
    let mut failed = None;
    // What comes behind an error in the same piece is not looked at.
    let _ = reader.read(event, &mut |delta| {
        if let Delta::Failed(failure) = delta {
            failed.get_or_insert_with(|| owned(&failure));
        }
    });
    match failed {
        Some(failure) if failure.status >= 400 => Beginning::Failed(failure),
        Some(_) | None => Beginning::Sound,
    }
}

fn owned(failure: &Failure<'_>) -> Failure<'static> {
    Failure {
        status: failure.status,
        class: failure.class,
        code: failure.code.clone().into_owned().into(),
        message: failure.message.clone().into_owned().into(),
        param: failure.param.clone().into_owned().into(),
    }
}
