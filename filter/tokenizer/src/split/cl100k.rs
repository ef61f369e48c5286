//! The pattern of cl100k:
//!
//! ```text
//! '(?i:[sdmt]|ll|ve|re)
//! [^\r\n\p{L}\p{N}]?+\p{L}++
//! \p{N}{1,3}+
//!  ?[^\s\p{L}\p{N}]++[\r\n]*+
//! \s++$
//! \s*[\r\n]
//! \s+(?!\S)
//! \s
//! ```

use super::{Split, contraction, numbers, space};
use crate::chars::{LETTER, SPACE, byte_at, char_at, lower_run};
use crate::layout::class::{MARK, NEWLINE, NUMBER, OTHER};

/// The split of cl100k.
pub(crate) struct Cl100k;

impl Split for Cl100k {
    #[inline(always)]
    fn next(text: &[u8], at: usize) -> usize {
        let first = char_at(text, at);
        let after = at + first.length;
        if first.is(LETTER) {
            return letters(text, after);
        }
        if first.is(NUMBER) {
            return numbers(text, at);
        }
        let end = contraction(text, at);
        if end > at {
            return end;
        }
        let second = char_at(text, after);
        if !first.is(NEWLINE) && second.is(LETTER) {
            return letters(text, after + second.length);
        }
        if !first.is(SPACE) || (second.is(OTHER | MARK) && byte_at(text, at) == b' ') {
            return symbols(text, after);
        }
        blanks(text, at)
    }
}

#[inline(always)]
fn letters(text: &[u8], mut at: usize) -> usize {
    loop {
        if byte_at(text, at) < 0x80 {
            at = lower_run(text, at);
        }
        let char = char_at(text, at);
        if !char.is(LETTER) {
            return at;
        }
        at += char.length;
    }
}

/// The rest of a run of symbols, and the line ends behind it.
fn symbols(text: &[u8], mut at: usize) -> usize {
    loop {
        let char = char_at(text, at);
        if !char.is(OTHER | MARK) {
            break;
        }
        at += char.length;
    }
    while matches!(byte_at(text, at), b'\r' | b'\n') {
        at += 1;
    }
    at
}

/// White space at the end of the text is one piece whatever it holds.
fn blanks(text: &[u8], start: usize) -> usize {
    let run = space::run(text, start);
    if run.end == text.len() {
        return run.end;
    }
    run.after_newline.unwrap_or_else(|| run.before_word(text, start))
}
