//! A stream, looked at until the first piece of an answer. An error may be its first event or come behind those that open a
//! reply, or the stream may end before it has said anything, which is no answer at all: a 502.
//!
//! What the dialect's reader does not know, such as a block of a provider's own tools, is no answer yet.

use super::{Beginning, PROBE_BYTES_MAX};
use crate::chat::Delta;
use crate::dialects::{Dialect, StreamReader};
use crate::reject::UpstreamFault;
use crate::wire::sse;

/// Looks for an error before any content.
#[derive(Debug)]
pub struct StreamProbe {
    decoder: sse::Decoder,
    reader: StreamReader,
    seen_bytes: usize,
}

impl StreamProbe {
    /// A probe of one stream in `dialect`.
    pub fn new(dialect: Dialect) -> Self {
        let (decoder, reader) = (sse::Decoder::new(PROBE_BYTES_MAX), dialect.stream_reader());
        Self { decoder, reader, seen_bytes: 0 }
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
#[path = "stream_tests.rs"]
mod tests;
