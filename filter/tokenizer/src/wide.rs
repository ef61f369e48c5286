//! Pieces of characters of three and four bytes: Chinese, Japanese and Korean sentences, emoji, and the scripts of India and
//! South-East Asia, where a piece may be a whole paragraph.
//!
//! Such a piece is cut between two characters wherever no token of the vocabulary holds bytes of both. Merging never reaches
//! across such a cut, so the stretches add up exactly; they are short, so they are found among the recent ones, and the
//! time is linear.

use crate::chars::{byte_at, decode};
use crate::count::Counting;
use crate::layout::{self, WIDE};
use crate::vocabulary::{self, Vocabulary};

/// The tokens of a piece but for those of its stretches that wait, and of those that no longer do; if there are more than
/// `limit`, any number above it.
#[inline(never)]
pub(crate) fn count<V: Vocabulary>(counting: &mut Counting, start: usize, end: usize, limit: usize) -> usize {
    let text = counting.text();
    let mut tokens = 0;
    let mut from = start;
    let mut previous = Last::default();
    let mut at = start;
    while at < end {
        let first = byte_at(text, at);
        if first < WIDE {
            previous = Last::default();
            at += if first < 0x80 { 1 } else { 2 };
            continue;
        }
        let (code, length) = decode(text, at, first);
        if from < at && previous.code != 0 && !is_straddled::<V>(previous, code, first) {
            tokens += between_cuts::<V>(counting, from, at, previous, limit - tokens);
            if tokens > limit {
                return tokens;
            }
            from = at;
        }
        at += length;
        previous = Last { code, byte: byte_at(text, at - 1) };
    }
    tokens + between_cuts::<V>(counting, from, end, previous, limit - tokens)
}

/// The wide character before the current one; zero if there is none.
#[derive(Clone, Copy, Default)]
struct Last {
    code: u32,
    byte: u8,
}

/// Whether a token may hold bytes of both characters. Never wrongly no.
#[inline(always)]
fn is_straddled<V: Vocabulary>(left: Last, right: u32, first: u8) -> bool {
    let bit = layout::straddle(left.code, right);
    let whole = V::STRADDLED.get((bit / 8) as usize).copied().unwrap_or(u8::MAX) >> (bit % 8) & 1;
    let in_part = vocabulary::word(V::STRADDLED_IN_PART, usize::from(left.byte & 63)) >> (first & 31) & 1;
    whole != 0 || in_part != 0
}

#[inline(always)]
fn between_cuts<V: Vocabulary>(
    counting: &mut Counting,
    from: usize,
    to: usize,
    last: Last,
    limit: usize,
) -> usize {
    if to - from == 3 && byte_at(counting.text(), from) >= WIDE {
        return vocabulary::char_count::<V>(last.code) as usize;
    }
    counting.stretch::<V>(from, to, limit)
}
