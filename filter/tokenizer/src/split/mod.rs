//! Splitting text into the pieces that are merged one by one: the two published patterns, written out by hand as small
//! machines over UTF-8. Each looks ahead only, reads each byte a small fixed number of times, and never recurses.

mod cl100k;
mod o200k;
mod space;

pub(crate) use cl100k::Cl100k;
pub(crate) use o200k::O200k;

use crate::chars::byte_at;

/// A split pattern.
pub(crate) trait Split {
    /// The end of the piece that starts at `at`, which is a character boundary before the end of `text`. Always beyond `at`.
    fn next(text: &[u8], at: usize) -> usize;
}

/// The end of the contraction (`'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d` in either case) that starts at `at`, or `at` if
/// there is none. Case folding makes U+017F, the long s, an `s`.
#[inline(always)]
fn contraction(text: &[u8], at: usize) -> usize {
    if byte_at(text, at) != b'\'' {
        return at;
    }
    let (first, second) = (byte_at(text, at + 1), byte_at(text, at + 2));
    // For each of these letters, setting the bit of lower case gives it from its two cases and nothing else.
    match (first | 0x20, second | 0x20) {
        (b's' | b't' | b'm' | b'd', _) => at + 2,
        (b'l', b'l') | (b'r' | b'v', b'e') => at + 3,
        _ if (first, second) == (0xC5, 0xBF) => at + 3,
        _ => at,
    }
}

/// The end of the run of up to three numbers that starts at `at`.
#[inline(always)]
fn numbers(text: &[u8], mut at: usize) -> usize {
    for _ in 0..3 {
        let char = crate::chars::char_at(text, at);
        if !char.is(crate::layout::class::NUMBER) {
            break;
        }
        at += char.length;
    }
    at
}
