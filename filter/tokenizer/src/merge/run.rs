//! Merging a long piece that is one byte over and over: blanks, line ends, rows of dashes.
//!
//! All that is ever in such a piece are a few tokens, each many times in a row, so it is merged as tokens and how often each
//! of them stands there. The pair with the lowest rank is either two of a row, and then the whole row is paired off from the
//! left, or the last of one row and the first of the next. What either makes merges with a higher rank only, so nothing
//! comes between.

use super::Sink;
use crate::layout::NONE;
use crate::vocabulary::{self, Vocabulary};
use alloc::vec::Vec;

/// A token and how many of it stand in a row. Behind it may be more of the same in another row.
#[derive(Clone, Copy)]
struct Row {
    value: u32,
    count: usize,
}

/// Whether a piece is one byte over and over.
pub(super) fn is_run(piece: &[u8]) -> bool {
    piece.iter().all(|byte| Some(byte) == piece.first())
}

/// Merges a run of `count` times `byte`. Takes a few steps for each token that is such a run, however long this one is.
pub(super) fn merge<V: Vocabulary>(byte: u8, count: usize, sink: &mut impl Sink) {
    let mut rows = Vec::from([Row { value: vocabulary::byte::<V>(byte), count }]);
    while let Some((at, is_row, value)) = lowest::<V>(&rows) {
        let Some(&Row { value: left, count }) = rows.get(at) else { break };
        let (merged, rest) = if is_row { (count / 2, count % 2) } else { (1, 0) };
        let before = if is_row { 0 } else { count - 1 };
        let new = [
            Row { value: left, count: before },
            Row { value, count: merged },
            Row { value: left, count: rest },
        ];
        rows.splice(at..=at, new);
        // The first of the next row went into the pair.
        if let Some(next) = rows.get_mut(at + 3).filter(|_| !is_row) {
            next.count -= 1;
        }
        rows.retain(|row| row.count > 0);
    }
    for row in rows {
        sink.take(core::iter::repeat_n(row.value, row.count));
    }
}

/// The lowest pair, the leftmost of equals: in which row or behind which it is, and what it merges to. A row comes before what
/// is behind it.
fn lowest<V: Vocabulary>(rows: &[Row]) -> Option<(usize, bool, u32)> {
    let in_rows = rows.iter().enumerate().filter(|(_, row)| row.count > 1);
    let in_rows = in_rows.map(|(at, row)| (at, true, vocabulary::pair::<V>(row.value, row.value)));
    let between = rows.iter().zip(rows.iter().skip(1)).enumerate();
    let between =
        between.map(|(at, (left, right))| (at, false, vocabulary::pair::<V>(left.value, right.value)));
    in_rows.chain(between).filter(|&(.., value)| value != NONE).min_by_key(|&(at, _, value)| (value, at))
}
