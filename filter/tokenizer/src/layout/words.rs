//! Words as keys, and where the set of common words has them.

use super::letters::small_letters;

/// The longest word that may have a key, in bytes.
pub const BYTES_MAX: usize = 16;

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
pub const fn key(halves: [u64; 2], length: usize) -> Option<u64> {
    if length == 0 || length > BYTES_MAX {
        return None;
    }
    if let Some(key) = key_of_letters(halves, length) {
        return Some(key);
    }
    if let Some(key) = key_of_pairs(halves, length) {
        return Some(key);
    }
    if length <= 7 { Some(1 << 62 | (length as u64) << 56 | halves[0]) } else { None }
}

const fn key_of_letters([low, high]: [u64; 2], length: usize) -> Option<u64> {
    // The lower five bits of each byte, next to each other.
    const fn packed(word: u64) -> u64 {
        let tens = word & 0x001F_001F_001F_001F | (word & 0x1F00_1F00_1F00_1F00) >> 3;
        let twenties = tens & 0x3FF_0000_03FF | (tens & 0x3FF_0000_03FF_0000) >> 6;
        twenties & 0xF_FFFF | twenties >> 12 & 0xFF_FFF0_0000
    }
    // Setting this bit makes a capital letter a small one, and nothing else.
    let letters = small_letters(low | 0x20).count_ones() + small_letters(high).count_ones();
    if letters as usize != length || length > 12 {
        return None;
    }
    // No letter is zero, so the key says how many there are.
    let is_capital = low >> 5 & 1 ^ 1;
    Some(packed(low) | packed(high) << 40 | is_capital << 60)
}

const fn key_of_pairs([low, high]: [u64; 2], length: usize) -> Option<u64> {
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
    let all_first = ONES * first;
    let low_differs = (low & (ONES * 0xFE) ^ all_first) & lower(length - upper);
    let high_differs = (high & (ONES * 0xFE) ^ all_first) & lower(upper);
    if low_differs | high_differs != 0 || first & 0xE0 != 0xC0 || !length.is_multiple_of(2) {
        return None;
    }
    let count = length as u64 / 2 - 1;
    Some(1 << 63 | (first >> 1 & 15) << 59 | count << 56 | packed(low) | packed(high) << 28)
}

/// Where a word lives in the set of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Which displacement to read.
    pub bucket: u32,
    /// What is left of the key, its lower half.
    pub low: u32,
    /// What is left of the key, its upper part.
    pub high: u32,
}

/// Spreads the keys of words over buckets. A bijection, as that of pairs is.
#[inline(always)]
pub const fn place(word: u64, bucket_bits: u32, multiplier: u64) -> Place {
    let once = word.wrapping_mul(multiplier);
    let twice = (once ^ (once >> 32)).wrapping_mul(multiplier);
    let mixed = twice ^ (twice >> 32);
    let rest = mixed >> bucket_bits;
    Place { bucket: (mixed & ((1 << bucket_bits) - 1)) as u32, low: rest as u32, high: (rest >> 32) as u32 }
}

/// What a slot of the set of words holds: all of the key that its place does not say.
#[inline(always)]
pub const fn tag(place: Place, bucket_bits: u32, slot_count: u32) -> u64 {
    // The upper part of the rest takes 32 bits less than the key without its bucket.
    let upper = (place.low / slot_count) as u64;
    (upper << (32 - bucket_bits) | place.high as u64) << bucket_bits | place.bucket as u64
}
