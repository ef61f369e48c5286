//! Byte pair merging of one piece: of all neighbouring tokens that merge, the pair with the lowest id merges first, the
//! leftmost of equals before the others, until none merges.
//!
//! The cost is bounded for every piece: a short one is merged with a scan over a fixed array per merge; a longer one in
//! windows of bounded size, each merged with a tree of minima.

mod abreast;
mod asks;
mod run;
mod short;
mod tree;
mod units;
mod windows;

use crate::vocabulary::{self, Vocabulary};
pub(crate) use abreast::{Lanes, PIECES_MAX};
use short::Short;
use tree::Tree;

/// What becomes of the tokens of a piece.
pub(crate) trait Sink {
    /// Takes the values of the next tokens.
    fn take(&mut self, values: impl Iterator<Item = u32>);
    /// How many tokens it has taken.
    fn taken(&self) -> usize;
    /// Forgets all but the first `taken` tokens.
    fn rewind(&mut self, taken: usize);
    /// True once there is no point in going on.
    fn is_full(&self) -> bool;
}

/// Counts tokens up to a limit.
pub(crate) struct Count {
    pub(crate) tokens: usize,
    pub(crate) limit: usize,
}

impl Sink for Count {
    #[inline(always)]
    fn take(&mut self, values: impl Iterator<Item = u32>) {
        self.tokens += values.count();
    }

    fn taken(&self) -> usize {
        self.tokens
    }

    fn rewind(&mut self, taken: usize) {
        self.tokens = taken;
    }

    fn is_full(&self) -> bool {
        self.tokens > self.limit
    }
}

/// The scratch of the merge, reused from piece to piece.
pub(crate) struct Merger {
    short: Short,
    tree: Tree,
}

impl Merger {
    pub(crate) const fn new() -> Self {
        Self { short: Short::new(), tree: Tree::new() }
    }

    /// Merges a piece into `sink`.
    #[inline]
    pub(crate) fn merge<V: Vocabulary>(&mut self, piece: &[u8], sink: &mut impl Sink) {
        match piece.len() {
            0 => {}
            1 => sink.take(piece.iter().map(|&byte| vocabulary::byte::<V>(byte))),
            2..=short::ROOM => self.short.merge::<V>(piece, sink),
            count if run::is_run(piece) => run::merge::<V>(piece.first().copied().unwrap_or(0), count, sink),
            _ => windows::merge::<V>(piece, &mut self.tree, sink),
        }
    }
}
