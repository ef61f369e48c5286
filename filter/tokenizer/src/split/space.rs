//! White space, which both patterns treat almost alike.

use crate::chars::{SPACE, char_at};
use crate::layout::class;

/// A run of white space.
pub(super) struct Run {
    /// Where it ends.
    pub(super) end: usize,
    /// Where its last character starts.
    pub(super) last: usize,
    /// Just behind its last line end, if it has one.
    pub(super) after_newline: Option<usize>,
}

pub(super) fn run(text: &[u8], start: usize) -> Run {
    let mut run = Run { end: start, last: start, after_newline: None };
    loop {
        // Indentation, eight at once.
        while text.get(run.end..run.end + 8) == Some(b"        ") {
            run.end += 8;
            run.last = run.end - 1;
        }
        let char = char_at(text, run.end);
        if !char.is(SPACE) {
            return run;
        }
        run.last = run.end;
        run.end += char.length;
        if char.is(class::NEWLINE) {
            run.after_newline = Some(run.end);
        }
    }
}

impl Run {
    /// A run without a line end leaves its last character to the word that follows, if it has one to leave.
    pub(super) fn before_word(&self, text: &[u8], start: usize) -> usize {
        if self.end == text.len() || self.last == start { self.end } else { self.last }
    }
}
