//! Merging many short pieces at the same time: one merge in each, then the next in each.
//!
//! What a merge finds in the tables decides what the next merge of that piece is, so in one piece every step waits for
//! memory. The steps of different pieces do not wait for each other: hardly a branch depends on what a step finds before the
//! others have made theirs.

use crate::layout::NONE;
use crate::vocabulary::{self, Vocabulary};
use alloc::vec::Vec;

/// Bits of a position.
const POSITION_BITS: u32 = 4;

/// Positions of a piece, with the two edges.
const ROOM: usize = 1 << POSITION_BITS;

/// How many pieces are merged at most.
pub(crate) const PIECES_MAX: usize = 32;

/// The value a token merges to with its right neighbour, above its position: the minimum of these is the next merge, the
/// leftmost of equals.
const fn key(value: u32, position: usize) -> u32 {
    value << POSITION_BITS | position as u32
}

/// Nothing merges here: not less than `key(NONE, _)`, which means the same.
const NO_KEY: u32 = key(NONE, 0);

/// A piece. Tokens stay where their first unit was, from position 1 on; the edges before and behind them stand for good and
/// merge with nothing, so that every token has two neighbours.
#[derive(Clone)]
struct Lane {
    values: [u32; ROOM],
    keys: [u32; ROOM],
    /// A bit per position.
    standing: u32,
    /// All positions in use are below this.
    room: usize,
}

/// The pieces that are merged.
pub(crate) struct Lanes {
    lanes: Vec<Lane>,
    count: usize,
}

impl Lanes {
    pub(crate) const fn new() -> Self {
        Self { lanes: Vec::new(), count: 0 }
    }

    /// Takes a piece if it is short enough, and if fewer than [`PIECES_MAX`] are taken.
    #[inline(always)]
    pub(crate) fn take<V: Vocabulary>(&mut self, piece: &[u8]) -> bool {
        if self.lanes.is_empty() {
            let lane = Lane { values: [NONE; ROOM], keys: [NO_KEY; ROOM], standing: 0, room: ROOM };
            self.lanes.resize(PIECES_MAX, lane);
        }
        let is_taken = self.lanes.get_mut(self.count).is_some_and(|lane| lane.fill::<V>(piece));
        self.count += usize::from(is_taken);
        is_taken
    }

    /// Merges what was taken, and gives the counts of tokens in the same order.
    #[inline(always)]
    pub(crate) fn merge<V: Vocabulary>(&mut self) -> impl Iterator<Item = usize> {
        let mut open: [u8; PIECES_MAX] = core::array::from_fn(|at| at as u8);
        let taken = core::mem::take(&mut self.count);
        let mut count = taken;
        while count > 0 {
            let mut left = 0;
            for turn in 0..count {
                let at = open[turn % PIECES_MAX];
                open[left % PIECES_MAX] = at;
                let is_open = self.lanes.get_mut(usize::from(at)).is_some_and(Lane::merge_lowest::<V>);
                left += usize::from(is_open);
            }
            count = left;
        }
        self.lanes.iter().take(taken).map(|lane| lane.standing.count_ones() as usize - 2)
    }
}

impl Lane {
    /// Starts with a piece; false if it has too many units.
    #[inline(always)]
    fn fill<V: Vocabulary>(&mut self, piece: &[u8]) -> bool {
        self.values[0] = V::EDGE;
        self.keys[0] = NO_KEY;
        let (mut previous, mut at) = vocabulary::unit::<V>(piece, 0);
        self.values[1] = previous;
        let mut units = 1;
        while at < piece.len() {
            if units == ROOM - 2 {
                return false;
            }
            let (value, length) = vocabulary::unit::<V>(piece, at);
            self.keys[units % ROOM] = key(vocabulary::pair::<V>(previous, value), units);
            units += 1;
            self.values[units % ROOM] = value;
            previous = value;
            at += length;
        }
        self.room = if units < ROOM / 2 - 1 { ROOM / 2 } else { ROOM };
        self.values[(units + 1) % ROOM] = V::EDGE;
        for key in self.keys.iter_mut().take(self.room).skip(units) {
            *key = NO_KEY;
        }
        self.standing = (4 << units) - 1;
        true
    }

    /// Merges the lowest pair; false if there is none.
    #[inline(always)]
    fn merge_lowest<V: Vocabulary>(&mut self) -> bool {
        let (lower, upper) = self.keys.split_at(ROOM / 2);
        let mut lowest = lower.iter().copied().fold(NO_KEY, u32::min);
        if self.room == ROOM {
            lowest = upper.iter().copied().fold(lowest, u32::min);
        }
        if lowest >= NO_KEY {
            return false;
        }
        let at = lowest as usize % ROOM;
        let value = lowest >> POSITION_BITS;
        let above = self.standing & (u32::MAX << at << 1);
        let gone = above.trailing_zeros() as usize % ROOM;
        let next = (above & above.wrapping_sub(1)).trailing_zeros() as usize % ROOM;
        let below = self.standing & ((1 << at) - 1);
        let before = (31 - (below | 1).leading_zeros()) as usize % ROOM;
        self.standing ^= 1 << gone;
        self.values[at] = value;
        self.keys[gone] = NO_KEY;
        self.keys[at] = key(vocabulary::pair::<V>(value, self.values[next]), at);
        self.keys[before] = key(vocabulary::pair::<V>(self.values[before], value), before);
        true
    }
}
