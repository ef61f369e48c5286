//! Merging a long piece window by window, exactly.
//!
//! Why it is exact. Call two tokens *compatible* if merging their bytes alone gives back just these two. A sequence of tokens
//! is the merge of its bytes if and only if all its neighbours are compatible: merging works on the lowest pair first
//! wherever it is, so inside the bytes of two neighbours it makes the same merges in the same order whatever surrounds them,
//! until a merge reaches across their outer borders; and the first merge to reach across any border of the sequence would
//! also have been made in the merge of the two tokens that meet there, which compatible neighbours do not make.
//!
//! So if one window ends in ... a t and the next, which starts where t starts, gives t first and then b, then t is compatible
//! on both sides, and a t b is a stretch of the whole. The token t is taken [`OVERLAP_BYTES`] before the window's end, where
//! what follows does not matter in any text seen; if it does, the next window does not begin with t, and the piece is merged
//! again in windows of twice the length. That ends at the latest with the piece in one window.

use super::{Sink, Tree};
use crate::vocabulary::Vocabulary;

/// The length of a window.
const WINDOW_BYTES: usize = 1024;

/// How far before the end of a window its last accepted token ends.
const OVERLAP_BYTES: usize = 32;

pub(super) fn merge<V: Vocabulary>(piece: &[u8], tree: &mut Tree, sink: &mut impl Sink) {
    let taken = sink.taken();
    let mut window_bytes = WINDOW_BYTES;
    while through::<V>(piece, window_bytes, tree, sink) == Seams::Unsettled {
        sink.rewind(taken);
        window_bytes *= 2;
    }
}

/// Whether all windows met in a common token.
#[derive(PartialEq, Eq)]
enum Seams {
    Settled,
    Unsettled,
}

fn through<V: Vocabulary>(piece: &[u8], window_bytes: usize, tree: &mut Tree, sink: &mut impl Sink) -> Seams {
    let mut start = 0;
    // The length of the token at the seam, with which the next window must begin and which is already counted.
    let mut seam = 0;
    loop {
        let window = piece.get(start..).unwrap_or_default();
        let window = window.get(..window_bytes).unwrap_or(window);
        tree.merge::<V>(window);
        if seam != 0 && tree.end_of(0) != seam {
            return Seams::Unsettled;
        }
        if sink.is_full() {
            return Seams::Settled;
        }
        if start + window.len() == piece.len() {
            sink.take(tree.tokens(seam, window.len()));
            return Seams::Settled;
        }
        let Some(last) = tree.last_until(window.len() - OVERLAP_BYTES).filter(|&last| last > 0) else {
            return Seams::Unsettled;
        };
        let end = tree.end_of(last);
        sink.take(tree.tokens(seam, end));
        start += last;
        seam = end - last;
    }
}
