//! Counting a text: split it, and add up the tokens of the pieces. The count of a piece comes from the cheapest source that
//! knows it: a single byte or a group of digits is one token, then the recent pieces, then the merge.

use crate::cache::{self, Key};
use crate::chars::byte_at;
use crate::encoding::{Encoding, Visitor};
use crate::layout::{self, NONE, WIDE};
use crate::merge::Count;
use crate::scratch::Scratch;
use crate::split::Split;
use crate::vocabulary::{self, Vocabulary};
use crate::wide;

/// The number of tokens, or none if there are more than `limit`.
pub(crate) fn up_to(encoding: Encoding, text: &str, limit: usize, scratch: &mut Scratch) -> Option<usize> {
    encoding.visit(Counting { text: text.as_bytes(), limit, scratch })
}

struct Counting<'a> {
    text: &'a [u8],
    limit: usize,
    scratch: &'a mut Scratch,
}

impl Visitor for Counting<'_> {
    type Output = Option<usize>;

    #[inline(never)]
    fn visit<V: Vocabulary>(self) -> Option<usize> {
        let Self { text, limit, scratch } = self;
        if text.len() / V::TOKEN_BYTES_MAX > limit {
            return None;
        }
        let (mut at, mut tokens) = (0, 0);
        while at < text.len() {
            let end = V::Split::next(text, at);
            tokens += piece::<V>(text, at, end, limit - tokens, scratch);
            if tokens > limit {
                return None;
            }
            at = end;
        }
        Some(tokens)
    }
}

/// The tokens of a piece; if there are more than `limit`, any number above it.
#[inline(always)]
fn piece<V: Vocabulary>(text: &[u8], start: usize, end: usize, limit: usize, scratch: &mut Scratch) -> usize {
    let (first, second) = (byte_at(text, start), byte_at(text, start + 1));
    let length = end - start;
    // A byte is a token, and so is every group of up to three ASCII digits, which the generator checks. A group that begins
    // and ends in ASCII within three bytes has no room for any other digit.
    let is_digits = length <= 3 && first.is_ascii_digit() && byte_at(text, end - 1).is_ascii();
    if length == 1 || is_digits {
        return 1;
    }
    if first >= WIDE || (second >= WIDE && first < 0x80) {
        return wide::count::<V>(text, start, end, limit, scratch);
    }
    stretch::<V>(text, start, end, limit, scratch)
}

/// The tokens of a piece, or of a stretch of one between two places that no token straddles.
#[inline(always)]
pub(crate) fn stretch<V: Vocabulary>(
    text: &[u8],
    start: usize,
    end: usize,
    limit: usize,
    scratch: &mut Scratch,
) -> usize {
    let length = end - start;
    if length == 2 {
        let pair = vocabulary::byte_pair::<V>(byte_at(text, start), byte_at(text, start + 1));
        return if pair == NONE { 2 } else { 1 };
    }
    if length <= cache::SHORT_BYTES_MAX {
        let key = Key::new(text, start, length, V::TAG);
        if let Some(tokens) = scratch.short.get(&key) {
            return tokens;
        }
        let tokens = fresh::<V>(text, start, end, limit, scratch);
        scratch.short.insert(&key, tokens);
        return tokens;
    }
    if length <= cache::LONG_BYTES_MAX {
        let key = Key::new(text, start, length, V::TAG);
        if let Some(tokens) = scratch.long.get(&key) {
            return tokens;
        }
        let tokens = fresh::<V>(text, start, end, limit, scratch);
        scratch.long.insert(&key, tokens);
        return tokens;
    }
    merged::<V>(text, start, end, limit, scratch)
}

/// The tokens of a stretch that is not among the recent ones: one for a common word with the space before it.
#[inline(never)]
fn fresh<V: Vocabulary>(text: &[u8], start: usize, end: usize, limit: usize, scratch: &mut Scratch) -> usize {
    if byte_at(text, start) == b' '
        && let Some(key) = layout::word_key(text.get(start + 1..end).unwrap_or_default())
        && vocabulary::is_word::<V>(key)
    {
        return 1;
    }
    merged::<V>(text, start, end, limit, scratch)
}

fn merged<V: Vocabulary>(
    text: &[u8],
    start: usize,
    end: usize,
    limit: usize,
    scratch: &mut Scratch,
) -> usize {
    let mut count = Count { tokens: 0, limit };
    scratch.merger.merge::<V>(text.get(start..end).unwrap_or_default(), &mut count);
    count.tokens
}
