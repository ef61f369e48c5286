//! Merging a short piece: a fixed array of what merges where, scanned for its minimum before each merge.

use super::Sink;
use crate::layout::NONE;
use crate::vocabulary::{self, Vocabulary};
use alloc::vec::Vec;

/// Bits of a position.
const POSITION_BITS: u32 = 6;

/// The value a token merges to with its right neighbour, above its position: the minimum of these is the next merge, the
/// leftmost of equals.
const fn key(value: u32, position: usize) -> u32 {
    value << POSITION_BITS | position as u32
}

/// Nothing merges here: not less than `key(NONE, _)`, which means the same.
const NO_KEY: u32 = key(NONE, 0);

/// Room for the longest short piece; a power of two, so that a masked index is always in bounds.
pub(super) const ROOM: usize = 1 << POSITION_BITS;

/// The scratch of the merge. It is kept rather than made anew, because filling it would take longer than most merges.
pub(super) struct Short {
    values: Vec<u32>,
    keys: Vec<u32>,
}

impl Short {
    pub(super) const fn new() -> Self {
        Self { values: Vec::new(), keys: Vec::new() }
    }

    /// Merges a piece of up to [`ROOM`] bytes.
    pub(super) fn merge<V: Vocabulary>(&mut self, piece: &[u8], sink: &mut impl Sink) {
        if self.values.len() < ROOM {
            self.values.resize(ROOM, NONE);
            self.keys.resize(ROOM, NO_KEY);
        }
        let (Some(values), Some(keys)) = (self.values.first_chunk_mut(), self.keys.first_chunk_mut()) else {
            return;
        };
        let count = piece.len().clamp(1, ROOM);
        let mut parts = Parts { values, keys, standing: 0 };
        parts.fill::<V>(piece);
        while parts.merge_lowest::<V>(count) {}
        sink.take(Standing { values: parts.values, left: parts.standing });
    }
}

/// Tokens stay where their first byte is; a bit per position says which still stand.
struct Parts<'a> {
    values: &'a mut [u32; ROOM],
    /// Set for every byte of the piece, and left as they were behind it.
    keys: &'a mut [u32; ROOM],
    standing: u64,
}

impl Parts<'_> {
    /// Starts with the units of the piece.
    fn fill<V: Vocabulary>(&mut self, piece: &[u8]) {
        let mut last = None;
        let mut at = 0;
        while at < piece.len().min(ROOM) {
            let (value, length) = vocabulary::unit::<V>(piece, at);
            if let Some((previous, previous_value)) = last {
                self.keys[previous % ROOM] = key(vocabulary::pair::<V>(previous_value, value), previous);
            }
            self.values[at % ROOM] = value;
            // Its own key follows with its neighbour, and the later bytes of a character never have one.
            for key in self.keys.iter_mut().skip(at).take(length) {
                *key = NO_KEY;
            }
            self.standing |= 1 << at;
            last = Some((at, value));
            at += length;
        }
    }

    /// Merges the lowest pair; false if there is none.
    #[inline(always)]
    fn merge_lowest<V: Vocabulary>(&mut self, count: usize) -> bool {
        let lowest = self.keys.iter().take(count).copied().min().unwrap_or(NO_KEY);
        if lowest >= NO_KEY {
            return false;
        }
        let at = lowest as usize % ROOM;
        let value = lowest >> POSITION_BITS;
        let gone = self.after(at) % ROOM;
        self.values[at] = value;
        self.standing &= !(1 << gone);
        self.keys[gone] = NO_KEY;
        let next = self.after(at);
        self.keys[at] = if next < ROOM {
            key(vocabulary::pair::<V>(value, self.values[next % ROOM]), at)
        } else {
            NO_KEY
        };
        let before = self.standing & ((1 << at) - 1);
        if before != 0 {
            let previous = before.ilog2() as usize % ROOM;
            self.keys[previous] = key(vocabulary::pair::<V>(self.values[previous], value), previous);
        }
        true
    }

    /// The next position still standing after `at`; 64 if there is none.
    #[inline(always)]
    fn after(&self, at: usize) -> usize {
        (self.standing & (u64::MAX << at << 1)).trailing_zeros() as usize
    }
}

/// The values still standing, from left to right.
struct Standing<'a> {
    values: &'a [u32; ROOM],
    left: u64,
}

impl Iterator for Standing<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.left == 0 {
            return None;
        }
        let at = self.left.trailing_zeros() as usize % ROOM;
        self.left &= self.left - 1;
        Some(self.values[at])
    }

    #[inline(always)]
    fn count(self) -> usize {
        self.left.count_ones() as usize
    }
}
