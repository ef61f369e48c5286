//! A vocabulary as static tables, and the questions the merge asks of them. Nothing here is built, parsed or allocated when
//! the program runs.

use crate::layout::{self, NONE, SLOT_BYTES, TAG_BITS, WIDE};
use crate::split::Split;

/// Starts a table on a cache line.
#[repr(C, align(64))]
pub(crate) struct Aligned<T>(pub(crate) T);

/// The sizes of a perfect hash, and what spreads its keys.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) bucket_bits: u32,
    pub(crate) slot_count: u32,
    pub(crate) multiplier: u64,
}

impl Shape {
    /// The slot of a key whose rest is `rest` in a bucket displaced by `displacement`.
    #[inline(always)]
    const fn slot(self, rest: u32, displacement: u32) -> usize {
        let moved = rest % self.slot_count + displacement;
        (if moved >= self.slot_count { moved - self.slot_count } else { moved }) as usize
    }
}

/// The tables of one vocabulary. Each is a type, so that sizes and masks are constants where they are used.
pub(crate) trait Vocabulary {
    /// How text is split into pieces before merging.
    type Split: Split;
    /// Tells the vocabularies apart in a cache that they share; 1 to 7, for 0 is an empty place.
    const TAG: u8;
    const ID_BITS: u32;
    const PAIRS: Shape;
    const WORDS: Shape;
    const WORD_SLOT_BYTES: usize;
    const TOKEN_BYTES_MAX: usize;
    const BUCKETS: &'static [u8];
    const SLOTS: &'static [u8];
    const WORD_BUCKETS: &'static [u8];
    const WORD_SLOTS: &'static [u8];
    const BYTES: &'static [u8; 1024];
    const ASCII_PAIRS: &'static [u8];
    const HIGH_PAIRS: &'static [u8];
    const CHARS: &'static [u8];
    const CHAR_COUNTS: &'static [u8];
    const STRADDLED: &'static [u8];
    const STRADDLED_IN_PART: &'static [u8];
    #[cfg(feature = "encode")]
    const TEXT: &'static [u8];
    #[cfg(feature = "encode")]
    const TEXT_ENDS: &'static [u8];
}

/// The word at `at` of a table of 32-bit words; [`NONE`] outside of it, where no caller goes.
#[inline(always)]
pub(crate) fn word(table: &[u8], at: usize) -> u32 {
    table.as_chunks().0.get(at).map_or(NONE, |bytes| u32::from_le_bytes(*bytes))
}

/// The value of the token that is one byte.
#[inline(always)]
pub(crate) fn byte<V: Vocabulary>(byte: u8) -> u32 {
    word(V::BYTES, usize::from(byte))
}

/// What two neighbouring bytes merge to, or [`NONE`].
#[inline(always)]
pub(crate) fn byte_pair<V: Vocabulary>(left: u8, right: u8) -> u32 {
    let at = usize::from(left & 127) << 7 | usize::from(right & 127);
    match (left < 128, right < 128) {
        (true, true) => word(V::ASCII_PAIRS, at),
        (false, false) => word(V::HIGH_PAIRS, at),
        _ => pair::<V>(byte::<V>(left), byte::<V>(right)),
    }
}

/// The value of the character of two bytes with which a merge may start, or [`NONE`]; `before` is the byte before it.
#[inline(always)]
pub(crate) fn ready_char<V: Vocabulary>(before: u8, first: u8, second: u8) -> u32 {
    if !(0xC2..WIDE).contains(&first) || before == b' ' {
        return NONE;
    }
    word(V::CHARS, (usize::from(first & 31) << 6 | usize::from(second & 63)) - 0x80)
}

/// What two neighbouring tokens merge to, or [`NONE`]. Most pairs do not merge, so the answers that need the least memory
/// come first: the flags of the two tokens, then the bit of the pair in its bucket, and only then a slot.
#[inline(always)]
pub(crate) fn pair<V: Vocabulary>(left: u32, right: u32) -> u32 {
    if left & layout::MAY_BE_LEFT == 0 || right & layout::MAY_BE_RIGHT == 0 {
        return NONE;
    }
    let Shape { bucket_bits, slot_count, multiplier } = V::PAIRS;
    let place = layout::place(left >> 2, right >> 2, V::ID_BITS, bucket_bits, multiplier);
    let bucket = word(V::BUCKETS, place.bucket as usize);
    if bucket & layout::presence(place.rest) == 0 {
        return NONE;
    }
    let entry = slot_at(V::SLOTS, V::PAIRS.slot(place.rest, bucket & 0xFFFF) * SLOT_BYTES);
    let tag = u64::from((place.rest / slot_count) << bucket_bits | place.bucket);
    if entry & ((1 << TAG_BITS) - 1) == tag { (entry >> TAG_BITS) as u32 & (NONE - 1) } else { NONE }
}

/// Whether a space and the word with this key are known to be one token.
#[inline(always)]
pub(crate) fn is_word<V: Vocabulary>(key: u64) -> bool {
    let Shape { bucket_bits, slot_count, multiplier } = V::WORDS;
    let place = layout::word_place(key, bucket_bits, multiplier);
    let displacement = V::WORD_BUCKETS
        .as_chunks()
        .0
        .get(place.bucket as usize)
        .map_or(0, |bytes| u16::from_le_bytes(*bytes));
    let slot = V::WORDS.slot(place.low, u32::from(displacement));
    let entry =
        slot_at(V::WORD_SLOTS, slot * V::WORD_SLOT_BYTES) & (u64::MAX >> (64 - 8 * V::WORD_SLOT_BYTES));
    entry == layout::word_tag(place, bucket_bits, slot_count)
}

/// Eight bytes, of which the first few are a slot.
#[inline(always)]
fn slot_at(slots: &[u8], at: usize) -> u64 {
    slots.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(u64::MAX, u64::from_le_bytes)
}

/// How many tokens the character of three bytes is by itself.
#[inline(always)]
pub(crate) fn char_count<V: Vocabulary>(code: u32) -> u32 {
    let at = code.wrapping_sub(0x800) as usize;
    u32::from(V::CHAR_COUNTS.get(at / 4).copied().unwrap_or(0) >> (at % 4 * 2) & 3)
}
