//! Reading characters and their classes out of UTF-8 bytes that are known to be valid, without being able to panic if they
//! were not.

use crate::layout::class;
use crate::layout::letters::small_letters;

include!(concat!(env!("OUT_DIR"), "/chars.rs"));

/// A character in a text: its class (one bit of [`class`]; none at the end of the text) and how many bytes it takes.
#[derive(Clone, Copy)]
pub(crate) struct Char {
    pub(crate) class: u8,
    pub(crate) length: usize,
}

impl Char {
    #[inline(always)]
    pub(crate) const fn is(self, classes: u8) -> bool {
        self.class & classes != 0
    }
}

/// Any letter.
pub(crate) const LETTER: u8 = class::UPPER | class::LOWER | class::CASELESS;

/// Any white space.
pub(crate) const SPACE: u8 = class::BLANK | class::NEWLINE;

#[inline(always)]
pub(crate) fn byte_at(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// The character that starts at `at`.
#[inline(always)]
pub(crate) fn char_at(text: &[u8], at: usize) -> Char {
    match text.get(at) {
        None => Char { class: 0, length: 0 },
        Some(&byte) if byte < 0x80 => Char { class: ASCII[usize::from(byte)], length: 1 },
        Some(&byte) => {
            let (code, length) = decode(text, at, byte);
            let class = if byte < 0xE0 { class_in(code as usize) } else { class_of(code) };
            Char { class, length }
        }
    }
}

/// The code point of the character of two to four bytes that starts at `at` with `first`, and its length.
#[inline(always)]
pub(crate) fn decode(text: &[u8], at: usize, first: u8) -> (u32, usize) {
    let bits = |offset: usize| u32::from(byte_at(text, at + offset) & 0x3F);
    let first = u32::from(first);
    if first < 0xE0 {
        ((first & 0x1F) << 6 | bits(1), 2)
    } else if first < 0xF0 {
        ((first & 0x0F) << 12 | bits(1) << 6 | bits(2), 3)
    } else {
        ((first & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3), 4)
    }
}

#[inline(always)]
fn class_of(code: u32) -> u8 {
    let block = BLOCK_OF.get((code >> 8) as usize).copied().unwrap_or(0);
    class_in(usize::from(block) << 8 | (code & 0xFF) as usize)
}

/// The class at a place of the second stage, where the characters of two bytes are in their order.
#[inline(always)]
fn class_in(place: usize) -> u8 {
    CLASS_OF.get(place).copied().unwrap_or(class::OTHER)
}

/// The end of the run of `a` to `z` that starts at `at`.
#[inline(always)]
pub(crate) fn lower_run(text: &[u8], mut at: usize) -> usize {
    const ALL: u64 = small_letters(u64::from_ne_bytes([b'a'; 8]));
    while let Some(bytes) = text.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()) {
        let small = small_letters(u64::from_le_bytes(bytes));
        if small != ALL {
            return at + (small ^ ALL).trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while byte_at(text, at).is_ascii_lowercase() {
        at += 1;
    }
    at
}
