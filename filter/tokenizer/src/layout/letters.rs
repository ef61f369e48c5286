//! Neighbouring letters, and what is known of two of them before anything is merged.

use super::NONE;

/// The top bit of each byte of `word` that is one of `a` to `z`.
#[inline(always)]
pub const fn small_letters(word: u64) -> u64 {
    const TOPS: u64 = 0x8080_8080_8080_8080;
    const ONES: u64 = TOPS >> 7;
    // Adding carries into the top bit of each byte from `a` on, and again past `z`.
    let seven = word & !TOPS;
    let from_a = seven + ONES * (0x80 - b'a' as u64);
    let past_z = seven + ONES * (0x7F - b'z' as u64);
    from_a & !past_z & !word & TOPS
}

/// Places of the letters of ASCII that are in the table, with [`EDGE`] and [`FOREIGN`].
pub const PLACES: u8 = 64;

/// The place before the first and behind the last letter of a piece.
pub const EDGE: u8 = 0;

/// The place of all characters that have none of their own.
#[allow(dead_code, reason = "only the generator gives places")]
pub const FOREIGN: u8 = PLACES - 1;

/// The number of two neighbouring letters of ASCII in the table of what is known of them.
#[inline(always)]
pub const fn pair(left: u8, right: u8) -> usize {
    left as usize * PLACES as usize + right as usize
}

/// What is known of two neighbouring letters of ASCII.
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

/// Where the alphabets begin, each of 64 letters of two bytes, of which it is known what two merge to: Cyrillic (all capital
/// and small letters of Russian) and Arabic.
const ALPHABETS: [usize; 2] = [0x410, 0x620];

/// Not a letter of any alphabet.
pub const NO_ALPHABET: u8 = 0xFF;

/// Where each character of up to two bytes is in the alphabets, one after the other, or [`NO_ALPHABET`].
pub static IN_ALPHABETS: [u8; 0x800] = {
    let mut places = [NO_ALPHABET; 0x800];
    let mut place = 0;
    while place < ALPHABETS.len() * 64 {
        places[ALPHABETS[place / 64] + place % 64] = place as u8;
        place += 1;
    }
    places
};

/// The number of two letters in the table of what two letters of the same alphabet merge to; none if they are not in one.
#[inline(always)]
pub const fn alphabet_pair(left: u8, right: u8) -> Option<usize> {
    if (left ^ right) >> 6 == 0 && left != NO_ALPHABET {
        Some((left as usize) << 6 | right as usize & 63)
    } else {
        None
    }
}

/// The size of that table.
#[allow(dead_code, reason = "only the generator fills it")]
pub const ALPHABET_PAIRS: usize = ALPHABETS.len() << 12;
