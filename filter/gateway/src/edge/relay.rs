//! A reply in the client's own dialect: passed on as it came, with an eye on usage and on how it ends.

use super::progress::{Ending, Progress};
use crate::chat::{Delta, Reply, Usage};
use crate::dialects::{Dialect, StreamReader};
use crate::reject::UpstreamFault;
use crate::wire::json::{Document, TopLevel};
use crate::wire::sse;

/// How long a `usage` object may be.
const USAGE_BYTES_MAX: usize = 16 * 1024;
/// The members of a reply that are kept while it passes.
const KEPT: &[&str] = &["usage"];

/// Watches a whole reply go by.
#[derive(Debug)]
pub struct WholeWatch {
    dialect: Dialect,
    scan: TopLevel,
}

impl WholeWatch {
    /// A watch over one reply in `dialect`.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, scan: TopLevel::new(KEPT, USAGE_BYTES_MAX) }
    }

    /// Sees the next piece.
    pub fn push(&mut self, bytes: &[u8]) {
        self.scan.push(bytes);
    }

    /// What was used, once the reply has gone by.
    pub fn usage(&self) -> Option<Usage> {
        self.dialect.read_usage(self.scan.get("usage")?)
    }
}

/// Watches a stream go by.
#[derive(Debug)]
pub struct StreamWatch {
    dialect: Dialect,
    decoder: sse::Decoder,
    reader: StreamReader,
    strip: Strip,
    progress: Progress,
}

/// Whether the event that only tells usage is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strip {
    /// The client asked for it, or its dialect always has it.
    No,
    /// The gateway asked for it.
    UsageEvent,
}

impl StreamWatch {
    /// A watch over one stream in `dialect`, whose events are at most `event_bytes_max` long.
    pub fn new(dialect: Dialect, strip: Strip, event_bytes_max: usize) -> Self {
        let decoder = sse::Decoder::new(event_bytes_max);
        Self { dialect, decoder, reader: dialect.stream_reader(), strip, progress: Progress::default() }
    }

    /// What the stream has told so far.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Sees the next piece; returns what the client gets in its place, or `None` where that is the piece itself.
    pub fn push(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let had_part = !self.decoder.is_between_events();
        let mut kept = Vec::new();
        let Self { dialect, decoder, reader, strip, progress } = self;
        let mut dropped = false;
        decoder.pass(bytes, |block| {
            dropped |= !see((*dialect, *strip), reader, progress, block, &mut kept);
        });
        let changed = had_part || dropped || !self.decoder.is_between_events();
        (self.strip == Strip::UsageEvent && changed).then_some(kept)
    }

    /// Ends the stream: returns what the client gets behind the last piece, which is an error event for a stream that
    /// broke off.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut tail = Vec::new();
        let mid_event = !self.decoder.is_between_events();
        let Self { dialect, decoder, reader, strip, progress } = self;
        decoder.pass_rest(|block| {
            see((*dialect, *strip), reader, progress, block, &mut tail);
        });
        if progress.ending.is_open() {
            reader.finish(&mut |delta| progress.note(&delta));
        }
        if self.progress.ending == Ending::Open {
            if mid_event {
                // Ends the event that was cut, so that the error is one of its own.
                tail.extend_from_slice(b"\n\n");
            }
            let failure = UpstreamFault::BrokenOff.failure("");
            self.dialect.stream_writer(0, false).write(&Delta::Failed(failure), &mut tail);
        }
        tail
    }
}

/// Looks at one event and adds it to `kept`, which is used where the stream is not passed on as it comes; returns
/// whether the client gets it.
fn see(
    (dialect, strip): (Dialect, Strip),
    reader: &mut StreamReader,
    progress: &mut Progress,
    block: sse::Block<'_>,
    kept: &mut Vec<u8>,
) -> bool {
    let bytes = match block {
        sse::Block::Piece(bytes) => {
            progress.miss();
            bytes
        }
        sse::Block::Event(event) => {
            // The beginning tells of which answer it is.
            if !progress.begun || dialect.is_notable(event) {
                // An event that cannot be read is the client's to judge: it gets what the provider sent.
                let _ = reader.read(event, &mut |delta| progress.note(&delta));
                if strip == Strip::UsageEvent && dialect.is_usage_only(event) {
                    return false;
                }
            }
            event.raw()
        }
    };
    if strip == Strip::UsageEvent {
        kept.extend_from_slice(bytes);
    }
    true
}

/// Reads a whole reply of `dialect` and hands it to `use_reply`; `None` where it cannot be read.
pub fn with_reply<T>(dialect: Dialect, body: &[u8], use_reply: impl FnOnce(&Reply<'_>) -> T) -> Option<T> {
    let document = Document::parse_reply(body).ok()?;
    let reply = dialect.read_reply(&document).ok()?;
    Some(use_reply(&reply))
}
