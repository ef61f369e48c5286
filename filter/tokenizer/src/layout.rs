//! What the generator and the library must agree on: how a pair of tokens becomes a place in the tables, how a pair of
//! characters becomes a bit, and which bit stands for which class of character. `build.rs` includes this very file.

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

/// Places of letters whose joins have a table, with [`EDGE`] and [`FOREIGN`].
pub const PLACES: u8 = 64;

/// The place before the first and behind the last letter of a piece.
pub const EDGE: u8 = 0;

/// The place of all characters that have none of their own.
pub const FOREIGN: u8 = PLACES - 1;

/// The number of two neighbouring letters in the table of joins.
#[inline(always)]
pub const fn join(left: u8, right: u8) -> usize {
    left as usize * PLACES as usize + right as usize
}

/// What is known of two neighbouring letters.
#[derive(Clone, Copy, Debug)]
pub struct Join {
    /// What they merge to, or [`NONE`].
    pub value: u32,
    /// The lowest value of a merge of whatever ends with the left one with just the right one; 0 if that is not known.
    pub right_taken: u32,
    /// The lowest value of a merge of just the left one with whatever starts with the right one; 0 if that is not known.
    pub left_taken: u32,
}

impl Join {
    #[allow(dead_code, reason = "only the generator packs")]
    pub const fn pack(self) -> u64 {
        self.value as u64 | (self.right_taken as u64) << 20 | (self.left_taken as u64) << 40
    }

    #[inline(always)]
    #[allow(dead_code, reason = "only the library unpacks")]
    pub const fn unpack(join: u64) -> Self {
        Self {
            value: join as u32 & NONE,
            right_taken: (join >> 20) as u32 & NONE,
            left_taken: (join >> 40) as u32 & NONE,
        }
    }
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

/// The longest word that may have a key, in bytes.
pub const WORD_BYTES_MAX: usize = 16;

/// A word of `length` bytes as a key of 64 bits; none if it is none of these, which are most words:
///
/// - up to twelve ASCII letters, small but for the first: five bits each;
/// - up to eight characters of two bytes from the same 128 code points, such as the letters of Russian or Arabic: seven
///   bits each, the upper bits they share, and how many they are;
/// - up to seven bytes of anything, and how many they are.
///
/// The word is in the lower bytes of the two halves, and the others are zero. No two words have the same key. There is no
/// loop and hardly a branch here, because both would be as good as random.
#[inline(always)]
pub const fn word_key(halves: [u64; 2], length: usize) -> Option<u64> {
    if length == 0 || length > WORD_BYTES_MAX {
        return None;
    }
    if let Some(key) = word_key_of_letters(halves, length) {
        return Some(key);
    }
    if let Some(key) = word_key_of_pairs(halves, length) {
        return Some(key);
    }
    if length <= 7 { Some(1 << 62 | (length as u64) << 56 | halves[0]) } else { None }
}

const fn word_key_of_letters([low, high]: [u64; 2], length: usize) -> Option<u64> {
    const TOPS: u64 = 0x8080_8080_8080_8080;
    const ONES: u64 = TOPS >> 7;
    // The top bit of each byte that is one of `a` to `z`: adding carries into it from `a` on, and again past `z`.
    const fn small(word: u64) -> u64 {
        let seven = word & !TOPS;
        let from_a = seven + ONES * (0x80 - b'a' as u64);
        let past_z = seven + ONES * (0x7F - b'z' as u64);
        from_a & !past_z & !word & TOPS
    }
    // The lower five bits of each byte, next to each other.
    const fn packed(word: u64) -> u64 {
        let tens = word & 0x001F_001F_001F_001F | (word & 0x1F00_1F00_1F00_1F00) >> 3;
        let twenties = tens & 0x3FF_0000_03FF | (tens & 0x3FF_0000_03FF_0000) >> 6;
        twenties & 0xF_FFFF | twenties >> 12 & 0xFF_FFF0_0000
    }
    // Setting this bit makes a capital letter a small one, and nothing else.
    let letters = small(low | 0x20).count_ones() + small(high).count_ones();
    if letters as usize != length || length > 12 {
        return None;
    }
    // No letter is zero, so the key says how many there are.
    let is_capital = low >> 5 & 1 ^ 1;
    Some(packed(low) | packed(high) << 40 | is_capital << 60)
}

const fn word_key_of_pairs([low, high]: [u64; 2], length: usize) -> Option<u64> {
    const ONES: u64 = 0x0001_0001_0001_0001;
    // The lower bytes of a word, in two steps because a shift by all its bits is none.
    const fn lower(bytes: usize) -> u64 {
        !(u64::MAX << (4 * bytes) << (4 * bytes))
    }
    // The lower seven bits of each code point, next to each other.
    const fn packed(word: u64) -> u64 {
        let sevens = word >> 8 & (ONES * 0x3F) | (word & ONES) << 6;
        let fourteens = sevens & 0x7F_0000_007F | (sevens & 0x7F_0000_007F_0000) >> 9;
        fourteens & 0x3FFF | fourteens >> 18 & 0xFFF_C000
    }
    // All first bytes are alike but for their lowest bit.
    let first = low & 0xFE;
    let upper = length.saturating_sub(8);
    let (low_differs, high_differs) =
        (low & (ONES * 0xFE) ^ ONES * first, high & (ONES * 0xFE) ^ ONES * first);
    let differs = low_differs & lower(length - upper) | high_differs & lower(upper);
    if differs != 0 || first & 0xE0 != 0xC0 || length % 2 != 0 {
        return None;
    }
    let count = length as u64 / 2 - 1;
    Some(1 << 63 | (first >> 1 & 15) << 59 | count << 56 | packed(low) | packed(high) << 28)
}

/// Where a word lives in the set of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordPlace {
    /// Which displacement to read.
    pub bucket: u32,
    /// What is left of the key, its lower half.
    pub low: u32,
    /// What is left of the key, its upper part.
    pub high: u32,
}

/// Spreads the keys of words over buckets. A bijection, as [`place`] is.
#[inline(always)]
pub const fn word_place(word: u64, bucket_bits: u32, multiplier: u64) -> WordPlace {
    let once = word.wrapping_mul(multiplier);
    let twice = (once ^ (once >> 32)).wrapping_mul(multiplier);
    let mixed = twice ^ (twice >> 32);
    let rest = mixed >> bucket_bits;
    WordPlace {
        bucket: (mixed & ((1 << bucket_bits) - 1)) as u32,
        low: rest as u32,
        high: (rest >> 32) as u32,
    }
}

/// What a slot of the set of words holds: all of the key that its place does not say.
#[inline(always)]
pub const fn word_tag(place: WordPlace, bucket_bits: u32, slot_count: u32) -> u64 {
    // The upper part of the rest takes 32 bits less than the key without its bucket.
    let upper = (place.low / slot_count) as u64;
    (upper << (32 - bucket_bits) | place.high as u64) << bucket_bits | place.bucket as u64
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
