//! A vocabulary as static tables, and the questions the merge asks of them. Nothing here is built, parsed or allocated when
//! the program runs.

use crate::chars::{byte_at, decode};
use crate::layout::letters::{self, Join};
use crate::layout::{
    self, MAY_BE_LEFT, MAY_BE_RIGHT, NEAR_IDS, NEAR_PART, NONE, Place, SLOT_BYTES, TAG_BITS, WIDE, words,
};
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
    /// The value of a token that merges with none, for the places beside a piece.
    const EDGE: u32;
    const NEAR_STARTS: &'static [u8];
    const NEAR: &'static [u8];
    const BUCKETS: &'static [u8];
    const SLOTS: &'static [u8];
    const WORD_BUCKETS: &'static [u8];
    const WORD_SLOTS: &'static [u8];
    const BYTES: &'static [u8; 1024];
    const BYTE_PAIRS: &'static [u8];
    const WIDE_BLOCKS: &'static [u8];
    const WIDE_CHARS: &'static [u8];
    const SPACED: &'static [u8];
    const LETTERS: &'static [u8];
    const JOINS: &'static [u8];
    const ALPHABET_PAIRS: &'static [u8];
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

/// Whether two neighbouring bytes are one token.
#[inline(always)]
pub(crate) fn is_byte_pair<V: Vocabulary>(left: u8, right: u8) -> bool {
    let at = usize::from(left) << 8 | usize::from(right);
    V::BYTE_PAIRS.get(at / 8).copied().unwrap_or(0) >> (at % 8) & 1 != 0
}

/// Where it is in the table of near pairs what two tokens with ids below [`NEAR_IDS`] merge to.
#[inline(always)]
pub(crate) fn near_place<V: Vocabulary>(left: u32, right: u32) -> u32 {
    let start = V::NEAR_STARTS
        .as_chunks()
        .0
        .get(layout::near_part(left, right))
        .map_or(0, |bytes| u16::from_le_bytes(*bytes));
    2 * u32::from(start) + right % NEAR_PART
}

/// What two near tokens merge to, or [`NONE`], by the left one and their place.
#[inline(always)]
pub(crate) fn near_at<V: Vocabulary>(left: u32, place: u32) -> u32 {
    let place = word(V::NEAR, place as usize);
    if place >> 20 == left { place & NONE } else { NONE }
}

/// Whether two tokens that are not near may be in the hash, and then their slot and its tag.
#[inline(always)]
pub(crate) fn far_slot<V: Vocabulary>(left: u32, right: u32) -> (bool, u32, u32) {
    let Shape { bucket_bits, slot_count, multiplier } = V::PAIRS;
    let Place { rest, bucket } = layout::place(left, right, V::ID_BITS, bucket_bits, multiplier);
    let entry = word(V::BUCKETS, bucket as usize);
    let slot = V::PAIRS.slot(rest, entry & 0xFFFF) as u32;
    (entry & layout::presence(rest) != 0, slot, (rest / slot_count) << bucket_bits | bucket)
}

/// What a slot says that the two tokens with this tag merge to, or [`NONE`].
#[inline(always)]
pub(crate) fn far_at<V: Vocabulary>(slot: u32, tag: u32) -> u32 {
    let entry = slot_at(V::SLOTS, slot as usize * SLOT_BYTES);
    let is_it = entry & ((1 << TAG_BITS) - 1) == u64::from(tag);
    if is_it { (entry >> TAG_BITS) as u32 & NONE } else { NONE }
}

/// The value and the place of a character of ASCII.
#[inline(always)]
pub(crate) fn letter<V: Vocabulary>(byte: u8) -> (u32, u8) {
    let letter = word(V::LETTERS, usize::from(byte));
    (letter & NONE, (letter >> 20) as u8)
}

/// What is known of the neighbouring letters with these places.
#[inline(always)]
pub(crate) fn join<V: Vocabulary>(left: u8, right: u8) -> Join {
    let join = V::JOINS.as_chunks().0.get(letters::pair(left, right));
    Join::unpack(join.map_or(0, |bytes| u64::from_le_bytes(*bytes)))
}

/// The number of tokens in three characters of ASCII, if it is known what both pairs of them merge to.
#[inline(always)]
pub(crate) fn three_letters<V: Vocabulary>(bytes: [u8; 3]) -> Option<usize> {
    if (bytes[0] | bytes[1] | bytes[2]) >= 0x80 {
        return None;
    }
    let [first, second, third] = bytes.map(letter::<V>);
    let (left, right) = (join::<V>(first.1, second.1), join::<V>(second.1, third.1));
    if (left.right_taken == 0) | (right.right_taken == 0) {
        return None;
    }
    if (left.value & right.value) == NONE {
        return Some(3);
    }
    let is_left = left.value <= right.value;
    let (left, right) = if is_left { (left.value, third.0) } else { (first.0, right.value) };
    Some(2 - usize::from(pair::<V>(left, right) != NONE))
}

/// With what the merge of `piece` may start at `at`, and its length: a whole character where the generator has proven that
/// it makes no difference, or else a byte.
#[inline(always)]
pub(crate) fn unit<V: Vocabulary>(piece: &[u8], at: usize) -> (u32, usize) {
    let first = byte_at(piece, at);
    let is_two = |byte: u8| (0xC2..WIDE).contains(&byte);
    let (value, length) = if first >= 0xC2 {
        let before = if at == 0 { 0 } else { byte_at(piece, at - 1) };
        if before == b' ' {
            (NONE, 1)
        } else if first < WIDE {
            let entry = word(V::CHARS, place_of_two(first, byte_at(piece, at + 1)));
            (if entry >> 20 == u32::from(before) { NONE } else { entry & NONE }, 2)
        } else {
            (ready_wide::<V>(piece, at, first), 3)
        }
    } else if at == 0 && first == b' ' && is_two(byte_at(piece, 1)) {
        (word(V::SPACED, place_of_two(byte_at(piece, 1), byte_at(piece, 2))), 3)
    } else {
        (NONE, 1)
    };
    if value == NONE { (byte::<V>(first), 1) } else { (value, length) }
}

/// The place of a character of two bytes in the tables of these.
#[inline(always)]
fn place_of_two(first: u8, second: u8) -> usize {
    layout::two_bytes(first, second).wrapping_sub(0x80)
}

/// The value of the character of three bytes with which a merge may start, or [`NONE`].
#[inline(always)]
fn ready_wide<V: Vocabulary>(piece: &[u8], at: usize, first: u8) -> u32 {
    let (code, length) = decode(piece, at, first);
    let (block, bit) = ((code >> 6) as usize, code & 63);
    // For each 64 characters: which of them are ready, and the place of the first of these.
    let Some(block) = V::WIDE_BLOCKS.as_chunks::<10>().0.get(block) else { return NONE };
    let (Some(ready), [.., low, high]) = (block.first_chunk(), block) else { return NONE };
    let ready = u64::from_le_bytes(*ready) << (63 - bit);
    if ready >> 63 == 0 {
        return NONE;
    }
    let place = usize::from(u16::from_le_bytes([*low, *high])) + ready.count_ones() as usize - 1;
    let entry = word(V::WIDE_CHARS, place);
    let follower = layout::follower(piece.get(at + length).copied());
    if entry >> 20 >> follower & 1 != 0 { entry & NONE } else { NONE }
}

/// What two neighbouring tokens merge to, or [`NONE`]. Most pairs are near. For the others, most of which do not merge, the
/// answers that need the least memory come first: the flags of the two tokens, then the bit of the pair in its bucket, and
/// only then a slot; but without a branch, so that several pairs can be on their way at once: what need not be read is read
/// at the start of its table instead, which is always at hand.
#[inline(always)]
pub(crate) fn pair<V: Vocabulary>(left: u32, right: u32) -> u32 {
    if (left >> 2).max(right >> 2) < NEAR_IDS {
        return near_at::<V>(left >> 2, near_place::<V>(left >> 2, right >> 2));
    }
    let Shape { bucket_bits, slot_count, multiplier } = V::PAIRS;
    let may_merge = left & MAY_BE_LEFT & (right & MAY_BE_RIGHT) >> 1;
    let place = layout::place(left >> 2, right >> 2, V::ID_BITS, bucket_bits, multiplier);
    let bucket = word(V::BUCKETS, (place.bucket & may_merge.wrapping_neg()) as usize);
    let is_there = may_merge & u32::from(bucket & layout::presence(place.rest) != 0);
    let slot = V::PAIRS.slot(place.rest, bucket & 0xFFFF) & (is_there as usize).wrapping_neg();
    let entry = slot_at(V::SLOTS, slot * SLOT_BYTES);
    let tag = u64::from((place.rest / slot_count) << bucket_bits | place.bucket);
    let is_it = (entry & ((1 << TAG_BITS) - 1) == tag) & (is_there != 0);
    if is_it { (entry >> TAG_BITS) as u32 & NONE } else { NONE }
}

/// Where a word with this key is, if it is in the set of words.
#[inline(always)]
pub(crate) fn word_place<V: Vocabulary>(key: u64) -> words::Place {
    words::place(key, V::WORDS.bucket_bits, V::WORDS.multiplier)
}

/// The slot of a word.
#[inline(always)]
pub(crate) fn word_slot<V: Vocabulary>(place: words::Place) -> usize {
    let displacement = V::WORD_BUCKETS
        .as_chunks()
        .0
        .get(place.bucket as usize)
        .map_or(0, |bytes| u16::from_le_bytes(*bytes));
    V::WORDS.slot(place.low, u32::from(displacement))
}

/// What a slot of the set of words holds.
#[inline(always)]
pub(crate) fn word_entry<V: Vocabulary>(slot: usize) -> u64 {
    slot_at(V::WORD_SLOTS, slot * V::WORD_SLOT_BYTES) & (u64::MAX >> (64 - 8 * V::WORD_SLOT_BYTES))
}

/// Whether a space and the word of this place are one token, by what its slot holds.
#[inline(always)]
pub(crate) fn is_word<V: Vocabulary>(place: words::Place, entry: u64) -> bool {
    let Shape { bucket_bits, slot_count, .. } = V::WORDS;
    entry == words::tag(place, bucket_bits, slot_count)
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
