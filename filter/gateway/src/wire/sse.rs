//! Server-sent events (WHATWG HTML, section 9.2) that arrive in arbitrary pieces.
//!
//! The decoder cuts the bytes into blocks, each ended by a blank line, and holds back only the block that is not
//! complete, up to a bound. The blocks do not depend on where the bytes were cut.

use std::borrow::Cow;

use super::scan::plain_line;

/// A block was longer than the decoder's bound, and whoever reads the stream needs all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Cuts a stream into events.
#[derive(Debug)]
pub struct Decoder {
    /// The bytes of the block that is not complete.
    held: Vec<u8>,
    /// Where in `held` the line that is not complete begins.
    line: usize,
    /// Up to where that line is known to hold no line end.
    seen: usize,
    event_bytes_max: usize,
    /// Whether a block was too long for [`Decoder::push`].
    spent: bool,
    /// Whether the block that is not complete is too long, and its beginning was handed out.
    passes: bool,
    /// Whether no block was handed out: only the first one may begin with a byte order mark.
    is_first: bool,
}

/// One block of a stream, with the blank line that ends it.
#[derive(Clone, Copy, Debug)]
pub struct Event<'b> {
    block: &'b [u8],
    /// The same without the byte order mark that a stream may begin with.
    lines: &'b [u8],
}

/// What [`Decoder::pass`] hands out: together every byte of the stream, in order.
#[derive(Clone, Copy, Debug)]
pub enum Block<'b> {
    /// A block within the bound.
    Event(Event<'b>),
    /// A piece of a block that is longer than the bound.
    Piece(&'b [u8]),
}

impl Decoder {
    /// A decoder for one stream whose blocks, blank lines included, are at most `event_bytes_max` bytes long.
    pub fn new(event_bytes_max: usize) -> Self {
        Self {
            held: Vec::new(),
            line: 0,
            seen: 0,
            event_bytes_max,
            spent: false,
            passes: false,
            is_first: true,
        }
    }

    /// Reads the next piece and hands every block that is now complete to `on_event`, in order. Once a block was too
    /// long, nothing more is read.
    pub fn push(&mut self, bytes: &[u8], mut on_event: impl FnMut(Event<'_>)) -> Result<(), TooLong> {
        if self.spent {
            return Err(TooLong);
        }
        let mut spent = false;
        self.pass(bytes, |block| match block {
            Block::Piece(_) => spent = true,
            Block::Event(_) if spent => {}
            Block::Event(event) => on_event(event),
        });
        self.spent = spent;
        if spent { Err(TooLong) } else { Ok(()) }
    }

    /// Ends the stream: a last block that lacks its blank line counts as complete, since several servers leave it out.
    /// After [`TooLong`] there is none.
    pub fn finish(&mut self, mut on_event: impl FnMut(Event<'_>)) {
        if self.spent {
            return;
        }
        self.pass_rest(|block| match block {
            Block::Event(event) => on_event(event),
            Block::Piece(_) => {}
        });
    }

    /// As [`Decoder::push`], for a stream that is passed on: a block that is too long is handed out in pieces as it
    /// comes, and reading goes on behind it.
    pub fn pass(&mut self, bytes: &[u8], mut on_block: impl FnMut(Block<'_>)) {
        if self.held.is_empty() {
            let used = self.cut(bytes, End::Open, &mut on_block);
            self.held.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(bytes);
            let used = self.cut(&held, End::Open, &mut on_block);
            held.drain(..used.min(held.len()));
            self.held = held;
        }
    }

    /// As [`Decoder::finish`], for a stream that is passed on.
    pub fn pass_rest(&mut self, mut on_block: impl FnMut(Block<'_>)) {
        let held = std::mem::take(&mut self.held);
        let used = self.cut(&held, End::Closed, &mut on_block);
        if let Some(block @ [_, ..]) = held.get(used..) {
            on_block(self.block(block));
        }
        (self.line, self.seen, self.passes) = (0, 0, false);
    }

    /// Whether the bytes so far end with a block.
    pub fn is_between_events(&self) -> bool {
        self.held.is_empty() && !self.passes
    }

    /// Hands out the complete blocks of `buffer`, which begins where a block does or within one that passes, and what
    /// passes of the last one; returns how many bytes that takes. Every byte is looked at once, however many pieces it
    /// takes to complete a line.
    fn cut(&mut self, buffer: &[u8], end: End, on_block: &mut impl FnMut(Block<'_>)) -> usize {
        let mut block = 0usize;
        loop {
            let stop = line_end(buffer, self.seen);
            self.seen = stop;
            let next = match (buffer.get(stop), buffer.get(stop.saturating_add(1))) {
                (None, _) => break,
                (Some(b'\r'), Some(b'\n')) => stop.saturating_add(2),
                // A line feed may follow, and would belong to this line end.
                (Some(b'\r'), None) if end == End::Open => break,
                _ => stop.saturating_add(1),
            };
            if stop == self.line {
                if let Some(block) = buffer.get(block..next) {
                    on_block(self.block(block));
                }
                (block, self.passes) = (next, false);
            }
            (self.line, self.seen) = (next, next);
        }
        self.passes |= buffer.len().saturating_sub(block) > self.event_bytes_max;
        if self.passes {
            // One byte of a line that is not complete stays, to tell it from a blank one.
            let rest = self.line.max(self.seen.saturating_sub(1));
            if let Some(piece @ [_, ..]) = buffer.get(block..rest) {
                self.is_first = false;
                on_block(Block::Piece(piece));
                block = rest;
            }
        }
        self.line = self.line.saturating_sub(block);
        self.seen = self.seen.saturating_sub(block);
        block
    }

    fn block<'b>(&mut self, block: &'b [u8]) -> Block<'b> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.passes || block.len() > self.event_bytes_max {
            return Block::Piece(block);
        }
        let lines = if is_first { block.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(block) } else { block };
        Block::Event(Event { block, lines })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Closed,
}

/// Where the first line feed or carriage return from `from` on stands; the length of `buffer` if there is none.
fn line_end(buffer: &[u8], from: usize) -> usize {
    from.saturating_add(plain_line(buffer.get(from..).unwrap_or_default()))
}

impl<'b> Event<'b> {
    /// The bytes as they came, for passing the event on unchanged.
    pub fn raw(self) -> &'b [u8] {
        self.block
    }

    /// The event's name, empty where it has none.
    pub fn name(self) -> &'b [u8] {
        self.fields()
            .filter(|(field, _)| *field == b"event")
            .last()
            .map(|(_, value)| value)
            .unwrap_or_default()
    }

    /// The data, lines joined by a line feed; `None` for a block without data, such as a comment.
    pub fn data(self) -> Option<Cow<'b, [u8]>> {
        let mut lines = self.fields().filter(|(field, _)| *field == b"data").map(|(_, value)| value);
        let first = lines.next()?;
        let Some(second) = lines.next() else { return Some(Cow::Borrowed(first)) };
        let mut joined = first.to_vec();
        for line in std::iter::once(second).chain(lines) {
            joined.push(b'\n');
            joined.extend_from_slice(line);
        }
        Some(Cow::Owned(joined))
    }

    fn fields(self) -> impl Iterator<Item = (&'b [u8], &'b [u8])> {
        let mut rest = Some(self.lines);
        std::iter::from_fn(move || {
            let lines = rest?;
            let (line, behind) = lines.split_at_checked(plain_line(lines)).unwrap_or((lines, b""));
            rest = behind.get(1..);
            let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
            let value = line.get(colon.saturating_add(1)..).unwrap_or_default();
            Some((line.get(..colon).unwrap_or_default(), value.strip_prefix(b" ").unwrap_or(value)))
        })
    }
}

/// Writes one event: its name, if it has one, and one line of data.
pub fn write(out: &mut Vec<u8>, name: &str, data: &[u8]) {
    if !name.is_empty() {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\n\n");
}

#[cfg(test)]
#[path = "sse_tests.rs"]
mod tests;
