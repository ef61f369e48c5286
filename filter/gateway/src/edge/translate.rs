//! A reply in another dialect than the client's: read, and written anew.

use super::progress::{Ending, Progress};
use super::relay::with_reply;
use crate::chat::{Delta, Usage};
use crate::dialects::{Dialect, StreamReader, StreamWriter};
use crate::reject::UpstreamFault;
use crate::wire::sse;

/// Translates a whole reply `from` the provider's dialect `to` the client's; `None` where it cannot be read.
pub fn whole(from: Dialect, to: Dialect, body: &[u8], date: u64) -> Option<(Vec<u8>, Option<Usage>)> {
    with_reply(from, body, |reply| {
        let mut out = Vec::with_capacity(body.len());
        to.write_reply(reply, date, &mut out);
        (out, reply.usage)
    })
}

/// Translates a stream.
#[derive(Debug)]
pub struct StreamTranslation {
    decoder: sse::Decoder,
    reader: StreamReader,
    writer: StreamWriter,
    progress: Progress,
}

impl StreamTranslation {
    /// A translation of one stream. `date` is in seconds since 1970; `usage` tells whether the client asked for a usage
    /// event.
    pub fn new(from: Dialect, to: Dialect, usage: bool, date: u64, event_bytes_max: usize) -> Self {
        Self {
            decoder: sse::Decoder::new(event_bytes_max),
            reader: from.stream_reader(),
            writer: to.stream_writer(date, usage),
            progress: Progress::default(),
        }
    }

    /// What the stream has told so far.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Translates the next piece.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let Self { decoder, reader, writer, progress } = self;
        let result = decoder.push(bytes, |event| step(reader, writer, progress, event, &mut out));
        if result.is_err() {
            self.fail(UpstreamFault::TooLarge, &mut out);
        }
        out
    }

    /// Ends the stream; returns what is left to say, which is an error for a stream that broke off.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        let Self { decoder, reader, writer, progress } = self;
        decoder.finish(|event| step(reader, writer, progress, event, &mut out));
        if progress.ending == Ending::Open {
            reader.finish(&mut |delta| {
                progress.note(&delta);
                writer.write(&delta, &mut out);
            });
        }
        self.fail(UpstreamFault::BrokenOff, &mut out);
        out
    }

    fn fail(&mut self, fault: UpstreamFault, out: &mut Vec<u8>) {
        if self.progress.ending == Ending::Open {
            self.progress.ending = Ending::Failed;
            self.writer.write(&Delta::Failed(fault.failure("")), out);
        }
    }
}

fn step(
    reader: &mut StreamReader,
    writer: &mut StreamWriter,
    progress: &mut Progress,
    event: sse::Event<'_>,
    out: &mut Vec<u8>,
) {
    if progress.ending != Ending::Open {
        return;
    }
    let result = reader.read(event, &mut |delta| {
        progress.note(&delta);
        writer.write(&delta, out);
    });
    if result.is_err() && progress.ending == Ending::Open {
        progress.ending = Ending::Failed;
        writer.write(&Delta::Failed(UpstreamFault::Unreadable.failure("")), out);
    }
}
