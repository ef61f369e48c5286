//! Counting text that arrives in parts, with a result that does not depend on where it was cut.
//!
//! Counts do not add up over arbitrary cuts. But at some places a piece ends whatever follows: at white space behind
//! anything else, where numbers begin or end, at a line end or a symbol behind a letter. Up to the last such place the text
//! is counted and forgotten; the rest waits for what comes next.

use crate::chars::{Char, LETTER, SPACE, byte_at, char_at};
use crate::layout::class::{BLANK, NEWLINE, NUMBER, OTHER};
use crate::{Encoding, Scratch, Tokens};
use alloc::string::String;

/// The longest text that waits. A stretch without a single certain end of a piece that is longer than this (no text in any
/// language) is counted in parts of this length: still the same however it was cut, but possibly a few tokens more than in
/// one go.
pub const PENDING_BYTES_MAX: usize = 1 << 16;

/// Counts a text that arrives in parts.
///
/// ```
/// use tollgate_tokenizer::{Counter, Encoding, count};
/// let mut counter = Counter::new(Encoding::O200kBase);
/// for part in ["Hel", "lo, wor", "ld", "!"] {
///     counter.push(part);
/// }
/// assert_eq!(counter.finish(), count(Encoding::O200kBase, "Hello, world!"));
/// ```
pub struct Counter {
    encoding: Encoding,
    settled: Tokens,
    pending: String,
}

impl Counter {
    /// A counter that has seen no text.
    pub const fn new(encoding: Encoding) -> Self {
        Self { encoding, settled: Tokens::ZERO, pending: String::new() }
    }

    /// Takes the next part of the text.
    pub fn push_with(&mut self, scratch: &mut Scratch, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let room = PENDING_BYTES_MAX.saturating_sub(self.pending.len());
            let Some((part, after)) =
                rest.split_at_checked(boundary(rest, room)).filter(|(part, _)| !part.is_empty())
            else {
                self.settle(scratch, self.pending.len());
                continue;
            };
            let seen = self.pending.len();
            self.pending.push_str(part);
            rest = after;
            if let Some(cut) = last_cut(&self.pending, seen) {
                self.settle(scratch, cut);
            }
        }
    }

    /// The number of tokens in the whole text.
    pub fn finish_with(self, scratch: &mut Scratch) -> Tokens {
        self.settled + scratch.count(self.encoding, &self.pending)
    }

    /// The number of tokens that are certain so far. Less than the whole by what still waits, which is a word or two.
    pub const fn settled(&self) -> Tokens {
        self.settled
    }

    fn settle(&mut self, scratch: &mut Scratch, end: usize) {
        self.settled += scratch.count(self.encoding, self.pending.get(..end).unwrap_or_default());
        self.pending.drain(..end);
    }
}

#[cfg(feature = "std")]
impl Counter {
    /// Takes the next part of the text, with the thread's scratch.
    pub fn push(&mut self, text: &str) {
        crate::simple::with_scratch(|scratch| self.push_with(scratch, text));
    }

    /// The number of tokens in the whole text, with the thread's scratch.
    pub fn finish(self) -> Tokens {
        crate::simple::with_scratch(|scratch| self.finish_with(scratch))
    }
}

impl core::fmt::Debug for Counter {
    /// Says nothing of the text that waits.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut debug = formatter.debug_struct("Counter");
        debug.field("encoding", &self.encoding).field("settled", &self.settled);
        debug.field("pending_bytes", &self.pending.len()).finish()
    }
}

/// The last character boundary at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (at.saturating_sub(3)..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The last place from `from` on where a piece ends whatever follows. The character before `from` has been looked at, but not
/// together with the one behind it.
fn last_cut(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut right = text.len();
    let mut after = Char { class: 0, length: 0 };
    while right > 0 {
        let left = boundary(text, right - 1);
        let before = char_at(bytes, left);
        if right < text.len() && is_cut(before, after, byte_at(bytes, right)) {
            return Some(right);
        }
        if left < from {
            return None;
        }
        (right, after) = (left, before);
    }
    None
}

/// Whether a piece ends between two characters, whatever stands before and behind them, in every pattern.
fn is_cut(before: Char, after: Char, first_byte: u8) -> bool {
    if before.is(SPACE) {
        // White space may belong to what follows it, and how much of it does depends on where it ends.
        return false;
    }
    after.is(BLANK)
        || before.is(NUMBER) != after.is(NUMBER)
        || (before.is(LETTER | NUMBER) && after.is(NEWLINE))
        // An apostrophe may begin a contraction.
        || (before.is(LETTER) && after.is(OTHER) && first_byte != b'\'')
}
