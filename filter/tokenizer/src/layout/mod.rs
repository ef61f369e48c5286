//! What the generator and the library must agree on: how a pair of tokens becomes a place in the tables, how a pair of
//! characters becomes a bit, and which bit stands for which class of character. `build.rs` includes these very files.

pub mod letters;
pub mod words;

/// No merge: greater than any [value](value) of a token, and all bits of one set, as in an empty place.
pub const NONE: u32 = (1 << 20) - 1;

/// The token may be the left half of a merge.
pub const MAY_BE_LEFT: u32 = 1;

/// The token may be the right half of a merge.
pub const MAY_BE_RIGHT: u32 = 2;

/// A token as the tables and the merge hold it: its id above its two flags. Ordered as the ids are.
#[allow(dead_code, reason = "only the generator makes values")]
pub const fn value(id: u32, flags: u32) -> u32 {
    id << 2 | flags
}

/// Two tokens with ids below this have their merge in the table of near pairs. Twelve bits of id and twenty of value are a
/// word.
pub const NEAR_IDS: u32 = 1 << 12;

/// Places in a part of a row of near pairs.
pub const NEAR_PART: u32 = 1 << 9;

/// Parts in a row.
pub const NEAR_PARTS: u32 = NEAR_IDS.div_ceil(NEAR_PART);

/// The number of the part in which a near pair is.
#[inline(always)]
pub const fn near_part(left: u32, right: u32) -> usize {
    (left * NEAR_PARTS + right / NEAR_PART) as usize
}

/// A place in the table of near pairs.
#[allow(dead_code, reason = "only the generator makes places")]
pub const fn near(left: u32, value: u32) -> u32 {
    left << 20 | value
}

/// Bytes of a slot: 20 bits of tag (quotient and bucket) below 20 bits of value.
pub const SLOT_BYTES: usize = 5;

/// Bits of the tag in a slot.
pub const TAG_BITS: u32 = 20;

/// Where the pair (`left`, `right`) lives. The step from the pair to (`bucket`, `rest`) is a bijection, so the two together
/// still are the whole key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which displacement to read.
    pub bucket: u32,
    /// What is left of the key.
    pub rest: u32,
}

/// Spreads a pair of ids over buckets. Multiplying by an odd number and folding the high half down are both invertible
/// modulo 2^(2 * id bits). Once is not enough: many pairs share a half.
#[inline(always)]
pub const fn place(left: u32, right: u32, id_bits: u32, bucket_bits: u32, multiplier: u64) -> Place {
    let mask = (1u64 << (2 * id_bits)) - 1;
    let key = (left as u64) << id_bits | right as u64;
    let once = key.wrapping_mul(multiplier) & mask;
    let twice = (once ^ (once >> id_bits)).wrapping_mul(multiplier) & mask;
    let mixed = twice ^ (twice >> id_bits);
    Place { bucket: (mixed & ((1 << bucket_bits) - 1)) as u32, rest: (mixed >> bucket_bits) as u32 }
}

/// The bit in a bucket's upper half that says a key with this rest may be there.
#[inline(always)]
pub const fn presence(rest: u32) -> u32 {
    1 << 16 << (rest & 15)
}

/// Bits in the set of character pairs that some token straddles.
pub const STRADDLE_BITS: u32 = 17;

/// The bit for a pair of neighbouring characters.
#[inline(always)]
pub const fn straddle(left: u32, right: u32) -> u32 {
    (left.wrapping_mul(0x9E37_79B1).rotate_left(15) ^ right).wrapping_mul(0x85EB_CA6B) >> (32 - STRADDLE_BITS)
}

/// A character whose first byte is at least this takes three or four bytes, and text may be cut beside it.
pub const WIDE: u8 = 0xE0;

/// The code point of a character of two bytes.
#[inline(always)]
pub const fn two_bytes(first: u8, second: u8) -> usize {
    (first as usize & 31) << 6 | second as usize & 63
}

/// Twelve kinds of what may follow a character of three bytes: the first bytes of the commonest other such characters, other
/// characters, and the end of the piece.
#[inline(always)]
pub const fn follower(byte: Option<u8>) -> u32 {
    match byte {
        None => 0,
        Some(byte @ 0xE3..=0xE9) => (byte - 0xE2) as u32,
        Some(0xEF) => 8,
        Some(WIDE..) => 9,
        Some(0x80..) => 10,
        Some(_) => 11,
    }
}

/// Classes of characters, one bit each, so that a set of classes is a mask.
pub mod class {
    /// Upper and title case letters.
    pub const UPPER: u8 = 1;
    /// Lower case letters.
    pub const LOWER: u8 = 2;
    /// Letters without case, and modifiers.
    pub const CASELESS: u8 = 4;
    /// Marks.
    pub const MARK: u8 = 8;
    /// Numbers.
    pub const NUMBER: u8 = 16;
    /// White space but for the two line ends.
    pub const BLANK: u8 = 32;
    /// Carriage return and line feed.
    pub const NEWLINE: u8 = 64;
    /// All the rest.
    pub const OTHER: u8 = 128;
}
