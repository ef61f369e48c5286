//! Merging many short pieces at the same time: one merge in each, then the next in each.
//!
//! What a merge finds in the tables decides what the next merge of that piece is, so in one piece every step waits for
//! memory. The steps of different pieces do not wait for each other, and what all of them have to ask for is asked together.

use super::asks::{ASKS_MAX, Asks};
use super::units;
use crate::layout::NONE;
use crate::vocabulary::Vocabulary;
use alloc::vec::Vec;

/// Bits of a position.
const POSITION_BITS: u32 = 4;

/// Positions of a piece, with the two edges.
const ROOM: usize = 1 << POSITION_BITS;

/// How many pieces are merged at most.
pub(crate) const PIECES_MAX: usize = 128;

/// The value a token merges to with its right neighbour, above its position: the minimum of these is the next merge, the
/// leftmost of equals.
const fn key(value: u32, position: usize) -> u32 {
    value << POSITION_BITS | position as u32
}

/// Nothing merges here: not less than `key(NONE, _)`, which means the same.
const NO_KEY: u32 = key(NONE, 0);

/// All positions of all pieces.
const PLACES: usize = PIECES_MAX * ROOM;
const _: () = assert!(PLACES == ASKS_MAX, "who asks is a position of a piece");

/// The pieces that are merged. Tokens stay where their first unit was, from position 1 of their piece on; the edges before
/// and behind them stand for good and merge with nothing, so that every token has two neighbours.
pub(crate) struct Lanes {
    pieces: Vec<Piece>,
    /// A token for each position of each piece.
    values: Vec<u32>,
    /// A key for each position of each piece.
    keys: Vec<u32>,
    near: Vec<u64>,
    far: Vec<u64>,
    count: usize,
}

#[derive(Clone, Copy)]
struct Piece {
    /// Where it is in the text.
    start: usize,
    length: usize,
    /// Which positions still have a token, a bit each.
    standing: u32,
    /// At which positions it must be asked first what the token there merges to, a bit each.
    unknown: u32,
}

/// A piece that was merged.
pub(crate) struct Merged {
    pub(crate) start: usize,
    pub(crate) length: usize,
    pub(crate) tokens: usize,
}

impl Lanes {
    pub(crate) const fn new() -> Self {
        Self {
            pieces: Vec::new(),
            values: Vec::new(),
            keys: Vec::new(),
            near: Vec::new(),
            far: Vec::new(),
            count: 0,
        }
    }

    /// Starts with no piece.
    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    /// How many pieces are taken.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    #[cold]
    fn make_room(&mut self) {
        self.pieces.resize(PIECES_MAX, Piece { start: 0, length: 0, standing: 0, unknown: 0 });
        self.values.resize(PLACES, NONE);
        self.keys.resize(PLACES, NO_KEY);
        self.near.resize(ASKS_MAX, 0);
        self.far.resize(ASKS_MAX, 0);
    }

    /// Takes the piece `length` bytes from `start` on if it is short enough, and if fewer than [`PIECES_MAX`] are taken.
    #[inline(always)]
    pub(crate) fn take<V: Vocabulary>(&mut self, text: &[u8], start: usize, length: usize) -> bool {
        if self.pieces.is_empty() {
            self.make_room();
        }
        let piece = text.get(start..start + length).unwrap_or_default();
        let Some(values) = self.values.as_chunks_mut().0.get_mut(self.count) else { return false };
        let Some(keys) = self.keys.as_chunks_mut().0.get_mut(self.count) else { return false };
        let Some(units) = units::fill::<V, ROOM>(piece, values, keys, key) else { return false };
        if let Some(place) = self.pieces.get_mut(self.count) {
            *place = Piece { start, length, standing: (4 << units.count) - 1, unknown: units.unknown };
        }
        self.count += 1;
        true
    }

    /// Merges what was taken.
    #[inline(never)]
    pub(crate) fn merge<V: Vocabulary>(&mut self) -> impl Iterator<Item = Merged> {
        let taken = core::mem::take(&mut self.count);
        self.merge_all::<V>(taken);
        self.pieces.iter().take(taken).map(|piece| Merged {
            start: piece.start,
            length: piece.length,
            tokens: piece.standing.count_ones() as usize - 2,
        })
    }

    #[inline(always)]
    fn merge_all<V: Vocabulary>(&mut self, mut count: usize) -> Option<()> {
        let pieces: &mut [Piece; PIECES_MAX] = self.pieces.first_chunk_mut()?;
        let (values, keys) = (self.values.first_chunk_mut()?, self.keys.first_chunk_mut::<PLACES>()?);
        let mut asks = Asks::new(self.near.first_chunk_mut()?, self.far.first_chunk_mut()?);
        let mut open: [u8; PIECES_MAX] = core::array::from_fn(|at| at as u8);
        for (at, piece) in pieces.iter().enumerate().take(count) {
            let mut unknown = piece.unknown;
            while unknown != 0 {
                let at = at * ROOM + unknown.trailing_zeros() as usize;
                asks.push(values[at % PLACES], values[(at + 1) % PLACES], at);
                unknown &= unknown - 1;
            }
        }
        while count > 0 {
            asks.answer::<V>(|by, value| keys[by % PLACES] = key(value, by % ROOM));
            let mut left = 0;
            for turn in 0..count {
                let at = open[turn % PIECES_MAX];
                open[left % PIECES_MAX] = at;
                let at = usize::from(at);
                let is_open =
                    merge_lowest(&mut pieces[at % PIECES_MAX].standing, at, values, keys, &mut asks);
                left += usize::from(is_open);
            }
            count = left;
        }
        Some(())
    }
}

/// Merges the lowest pair of the piece with the number `piece`, and asks for its new neighbours; false if there is none.
#[inline(always)]
fn merge_lowest(
    standing: &mut u32,
    piece: usize,
    values: &mut [u32; PLACES],
    keys: &mut [u32; PLACES],
    asks: &mut Asks,
) -> bool {
    let first = piece * ROOM;
    let Some(own) = keys.as_chunks::<ROOM>().0.get(piece) else { return false };
    let (lower, upper) = own.split_at(ROOM / 2);
    let mut lowest = lower.iter().copied().fold(NO_KEY, u32::min);
    // The edge behind the last unit stands for good, and the last key is two positions before it.
    if *standing >= 4 << (ROOM / 2) {
        lowest = upper.iter().copied().fold(lowest, u32::min);
    }
    if lowest >= NO_KEY {
        return false;
    }
    let at = lowest as usize % ROOM;
    let value = lowest >> POSITION_BITS;
    let above = *standing & (u32::MAX << at << 1);
    let gone = above.trailing_zeros() as usize % ROOM;
    let next = (above & above.wrapping_sub(1)).trailing_zeros() as usize % ROOM;
    let below = *standing & ((1 << at) - 1);
    let before = (31 - (below | 1).leading_zeros()) as usize % ROOM;
    *standing ^= 1 << gone;
    values[(first + at) % PLACES] = value;
    keys[(first + gone) % PLACES] = NO_KEY;
    keys[(first + at) % PLACES] = NO_KEY;
    keys[(first + before) % PLACES] = NO_KEY;
    asks.push(value, values[(first + next) % PLACES], first + at);
    asks.push(values[(first + before) % PLACES], value, first + before);
    true
}
