//! Merging a long piece window by window, exactly.
//!
//! Why it is exact. Call two tokens *compatible* if merging their bytes alone gives back just these two. A sequence of
//! tokens is the merge of its bytes if and only if all its neighbours are compatible: merging works on the lowest pair first
//! wherever it is, so inside the bytes of two neighbours it makes the same merges in the same order whatever surrounds them,
//! until a merge reaches across their outer borders; and the first merge to reach across any border of the sequence would
//! also have been made in the merge of the two tokens that meet there, which compatible neighbours do not make.
//!
//! So if one window ends in … a t and the next, which starts where t starts, gives t first and then b, then t is compatible
//! on both sides, and … a t b … is a stretch of the whole.
//!
//! The token t, the *seam*, is taken a little before the window's end, where what follows seldom matters. Where it does (a
//! chain of letters of which each pair merges only if the next one does not), the next window does not begin with t. Then
//! the last window is merged again with more overlap, and if that is not enough, the piece from its start. The overlap
//! doubles each time, and with it the window, so this ends at the latest with the piece in one window.

use super::{Sink, Tree};
use crate::vocabulary::Vocabulary;

/// The least length of a window.
const WINDOW_BYTES: usize = 1024;

/// The least distance of a seam's end from the end of its window.
const OVERLAP_BYTES: usize = 32;

/// Where a window starts.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    /// The length of the token with which the window must begin, and which is already taken; zero for the first.
    seam: usize,
    /// How many tokens the sink had taken.
    taken: usize,
}

pub(super) fn merge<V: Vocabulary>(piece: &[u8], tree: &mut Tree, sink: &mut impl Sink) {
    let first = Place { start: 0, seam: 0, taken: sink.taken() };
    let (mut before, mut here) = (first, first);
    let mut overlap = OVERLAP_BYTES;
    loop {
        let window = piece.get(here.start..).unwrap_or_default();
        let window = window.get(..WINDOW_BYTES.max(4 * overlap)).unwrap_or(window);
        tree.merge::<V>(window);
        if here.seam != 0 && tree.end_of(0) != here.seam {
            here = if here.start == before.start { first } else { before };
            before = here;
            sink.rewind(here.taken);
            overlap *= 2;
            continue;
        }
        if sink.is_full() {
            return;
        }
        if here.start + window.len() == piece.len() {
            sink.take(tree.tokens(here.seam, window.len()));
            return;
        }
        let Some(seam) = tree.last_until(window.len() - overlap).filter(|&seam| seam > 0) else {
            overlap *= 2;
            continue;
        };
        let end = tree.end_of(seam);
        sink.take(tree.tokens(here.seam, end));
        before = here;
        here = Place { start: here.start + seam, seam: end - seam, taken: sink.taken() };
    }
}
