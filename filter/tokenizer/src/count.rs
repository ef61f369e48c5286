//! Counting a text: split it, and add up the tokens of the pieces. The count of a piece comes from the cheapest source that
//! knows it: a single byte or a group of digits is one token, then the recent pieces, then the merge.

use crate::cache::{self, Key};
use crate::chars::byte_at;
use crate::encoding::{Encoding, Visitor};
use crate::layout::WIDE;
use crate::merge::{self, Count};
use crate::scratch::Scratch;
use crate::split::Split;
use crate::vocabulary::{self, Vocabulary};
use crate::waiting::Sources;
use crate::wide;

/// A piece that is no longer than this, and no word behind a space, does not wait: the few merges it takes are of the
/// commonest tokens, which are at hand.
const ALONE_BYTES_MAX: usize = 5;

/// So many pieces at least are merged together. They leave room for as many as can have missed the cache at once.
const ABREAST_MIN: usize = merge::PIECES_MAX / 2;

/// The number of tokens, or none if there are more than `limit`.
pub(crate) fn up_to(encoding: Encoding, text: &str, limit: usize, scratch: &mut Scratch) -> Option<usize> {
    encoding.visit(Text { bytes: text.as_bytes(), limit, scratch })
}

struct Text<'a> {
    bytes: &'a [u8],
    limit: usize,
    scratch: &'a mut Scratch,
}

impl Visitor for Text<'_> {
    type Output = Option<usize>;

    #[inline(never)]
    fn visit<V: Vocabulary>(self) -> Option<usize> {
        let Self { bytes, limit, scratch } = self;
        if bytes.len() / V::TOKEN_BYTES_MAX > limit {
            return None;
        }
        scratch.short_waiting.clear();
        scratch.long_waiting.clear();
        scratch.lanes.clear();
        let mut counting = Counting { text: bytes, scratch };
        let (mut at, mut tokens) = (0, 0);
        while at < bytes.len() {
            let end = V::Split::next(bytes, at);
            tokens += counting.piece::<V>(at, end, limit - tokens);
            if tokens > limit {
                return None;
            }
            at = end;
        }
        tokens += counting.finish::<V>();
        (tokens <= limit).then_some(tokens)
    }
}

/// A text that is being counted, and its pieces whose tokens are not counted yet.
pub(crate) struct Counting<'a> {
    text: &'a [u8],
    scratch: &'a mut Scratch,
}

impl<'a> Counting<'a> {
    /// The tokens of a piece, or those of all that waited if it has to wait and there is no more room; if there are more than
    /// `limit`, any number above it.
    #[inline(always)]
    fn piece<V: Vocabulary>(&mut self, start: usize, end: usize, limit: usize) -> usize {
        let text = self.text;
        let (first, second) = (byte_at(text, start), byte_at(text, start + 1));
        let length = end - start;
        // A byte is a token, and so is every group of up to three ASCII digits, which the generator checks. A group of three
        // bytes that begins and ends in ASCII has no room for any other digit.
        if length <= 2 {
            let is_split = length == 2 && !vocabulary::is_byte_pair::<V>(first, second);
            return 1 + usize::from(is_split);
        }
        // One branch, which most texts hardly ever take, rather than one on the length, which is as good as random.
        if (length == 3) & first.is_ascii_digit() & byte_at(text, end - 1).is_ascii() {
            return 1;
        }
        if first >= WIDE || (second >= WIDE && first < 0x80) {
            return wide::count::<V>(self, start, end, limit);
        }
        self.stretch::<V>(start, end, limit)
    }

    /// The same for a stretch of a piece between two places that no token straddles.
    #[inline(always)]
    pub(crate) fn stretch<V: Vocabulary>(&mut self, start: usize, end: usize, limit: usize) -> usize {
        let length = end - start;
        if length <= cache::SHORT_BYTES_MAX {
            let key = Key::new(self.text, start, length, V::TAG);
            self.scratch.short.get(&key).unwrap_or_else(|| self.new_short::<V>(start, length, key))
        } else if length <= cache::LONG_BYTES_MAX {
            let key = Key::new(self.text, start, length, V::TAG);
            self.scratch.long.get(&key).unwrap_or_else(|| self.new_long::<V>(start, length, key))
        } else {
            self.longest::<V>(start, length, limit)
        }
    }

    #[inline(never)]
    fn longest<V: Vocabulary>(&mut self, start: usize, length: usize, limit: usize) -> usize {
        if length > cache::LONGEST_BYTES_MAX {
            return self.merge::<V>(start, length, limit);
        }
        let key = Key::new(self.text, start, length, V::TAG);
        self.scratch.longest.get(&key).unwrap_or_else(|| {
            let tokens = self.merge::<V>(start, length, usize::MAX);
            self.scratch.longest.insert(&key, tokens);
            tokens
        })
    }

    #[inline(never)]
    fn new_short<V: Vocabulary>(&mut self, start: usize, length: usize, key: Key<2>) -> usize {
        if length <= ALONE_BYTES_MAX && byte_at(self.text, start) != b' ' {
            let three = self.text.get(start..start + length).and_then(|piece| piece.try_into().ok());
            let known = three.and_then(|letters| vocabulary::three_letters::<V>(letters));
            let tokens = known.unwrap_or_else(|| self.merge::<V>(start, length, usize::MAX));
            self.scratch.short.insert(&key, tokens);
            return tokens;
        }
        if self.scratch.short_waiting.push(start, length, key) { 0 } else { self.settle_short::<V>() }
    }

    #[inline(never)]
    fn new_long<V: Vocabulary>(&mut self, start: usize, length: usize, key: Key<4>) -> usize {
        if self.scratch.long_waiting.push(start, length, key) { 0 } else { self.settle_long::<V>() }
    }

    fn settle_short<V: Vocabulary>(&mut self) -> usize {
        let Scratch { short: cache, short_waiting, lanes, merger, .. } = &mut *self.scratch;
        let tokens = short_waiting.settle::<V>(&mut Sources { text: self.text, cache, lanes, merger });
        tokens + self.merge_abreast::<V>(ABREAST_MIN)
    }

    fn settle_long<V: Vocabulary>(&mut self) -> usize {
        let Scratch { long: cache, long_waiting, lanes, merger, .. } = &mut *self.scratch;
        let tokens = long_waiting.settle::<V>(&mut Sources { text: self.text, cache, lanes, merger });
        tokens + self.merge_abreast::<V>(ABREAST_MIN)
    }

    /// The tokens of all that wait.
    fn finish<V: Vocabulary>(&mut self) -> usize {
        self.settle_short::<V>() + self.settle_long::<V>() + self.merge_abreast::<V>(1)
    }

    /// The tokens of the pieces that wait to be merged together, if they are at least so many.
    fn merge_abreast<V: Vocabulary>(&mut self, least: usize) -> usize {
        let Scratch { short, long, lanes, .. } = &mut *self.scratch;
        if lanes.count() < least {
            return 0;
        }
        let mut tokens = 0;
        for merged in lanes.merge::<V>() {
            if merged.length <= cache::SHORT_BYTES_MAX {
                short.insert(&Key::new(self.text, merged.start, merged.length, V::TAG), merged.tokens);
            } else {
                long.insert(&Key::new(self.text, merged.start, merged.length, V::TAG), merged.tokens);
            }
            tokens += merged.tokens;
        }
        tokens
    }

    fn merge<V: Vocabulary>(&mut self, start: usize, length: usize, limit: usize) -> usize {
        let mut count = Count { tokens: 0, limit };
        let piece = self.text.get(start..start + length).unwrap_or_default();
        self.scratch.merger.merge::<V>(piece, &mut count);
        count.tokens
    }

    /// The text that is counted.
    pub(crate) const fn text(&self) -> &'a [u8] {
        self.text
    }
}
