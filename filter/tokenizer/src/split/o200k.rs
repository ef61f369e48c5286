//! The pattern of o200k:
//!
//! ```text
//! [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//! [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//! \p{N}{1,3}
//!  ?[^\s\p{L}\p{N}]+[\r\n/]*
//! \s*[\r\n]+
//! \s+(?!\S)
//! \s+
//! ```

use super::{Split, contraction, numbers, space};
use crate::chars::{Char, LETTER, byte_at, char_at, lower_run};
use crate::layout::class::{BLANK, CASELESS, LOWER, MARK, NUMBER, OTHER, UPPER};

/// Letters and marks that have no case stand in both halves of a word.
const EITHER: u8 = CASELESS | MARK;

/// The split of o200k.
pub(crate) struct O200k;

impl Split for O200k {
    #[inline(always)]
    fn next(text: &[u8], at: usize) -> usize {
        let first = char_at(text, at);
        let after = at + first.length;
        let second = char_at(text, after);
        // The commonest first, in one branch.
        if first.is(BLANK | OTHER | MARK) & second.is(LETTER | MARK) {
            let word = word(text, after, second);
            // A mark before nothing but upper case is a word by itself, which the pattern tries first.
            return contraction(text, if first.is(MARK) && word.is_upper { after } else { word.end });
        }
        if first.is(LETTER) {
            return contraction(text, word(text, at, first).end);
        }
        if first.is(NUMBER) {
            return numbers(text, at);
        }
        if first.is(MARK) {
            return contraction(text, after);
        }
        if first.is(OTHER) || (second.is(OTHER) && byte_at(text, at) == b' ') {
            return symbols(text, after);
        }
        blanks(text, at)
    }
}

/// What the first two alternatives match behind their optional first character.
struct Word {
    end: usize,
    /// Nothing in it is lower case or without case.
    is_upper: bool,
}

/// Capitals, then small letters. If no small letter follows the capitals, the pattern gives back capitals until it stands
/// on a letter that has no case, or, if there is none, takes them all.
#[inline(always)]
fn word(text: &[u8], start: usize, first: Char) -> Word {
    let mut at = start;
    let mut char = first;
    let mut after_either = None;
    loop {
        if char.is(LOWER) {
            return Word { end: small_letters(text, at + char.length), is_upper: false };
        }
        if !char.is(UPPER | EITHER) {
            break;
        }
        at += char.length;
        if char.is(EITHER) {
            after_either = Some(at);
        }
        char = char_at(text, at);
    }
    Word { end: after_either.unwrap_or(at), is_upper: after_either.is_none() }
}

#[inline(always)]
fn small_letters(text: &[u8], mut at: usize) -> usize {
    loop {
        if byte_at(text, at) < 0x80 {
            at = lower_run(text, at);
        }
        let char = char_at(text, at);
        if !char.is(LOWER | EITHER) {
            return at;
        }
        at += char.length;
    }
}

/// The rest of a run of symbols, and the line ends and slashes behind it.
fn symbols(text: &[u8], mut at: usize) -> usize {
    loop {
        let char = char_at(text, at);
        if !char.is(OTHER | MARK) {
            break;
        }
        at += char.length;
    }
    while matches!(byte_at(text, at), b'\r' | b'\n' | b'/') {
        at += 1;
    }
    at
}

fn blanks(text: &[u8], start: usize) -> usize {
    let run = space::run(text, start);
    run.after_newline.unwrap_or_else(|| run.before_word(text, start))
}
