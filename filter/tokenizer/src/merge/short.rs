//! Merging a short piece on the stack: a fixed array of what merges where, scanned for its minimum before each merge.

use super::Sink;
use crate::layout::NONE;
use crate::vocabulary::{self, Vocabulary};

/// Bits of a position.
const POSITION_BITS: u32 = 6;

/// The value a token merges to with its right neighbour, above its position: the minimum of these is the next merge, the
/// leftmost of equals.
const fn key(value: u32, position: usize) -> u32 {
    value << POSITION_BITS | position as u32
}

/// Nothing merges here: not less than `key(NONE, _)`, which means the same.
const NO_KEY: u32 = key(NONE, 0);

/// Tokens stay where their first byte is; a bit per position says which still stand. `ROOM` is a power of two, so that a
/// masked index is always in bounds.
struct Parts<const ROOM: usize> {
    values: [u32; ROOM],
    keys: [u32; ROOM],
    standing: u64,
}

pub(super) fn merge<V: Vocabulary, const ROOM: usize>(piece: &[u8], sink: &mut impl Sink) {
    const { assert!(ROOM.is_power_of_two() && ROOM <= 1 << POSITION_BITS) }
    let count = piece.len().clamp(1, ROOM);
    let mut parts = Parts { values: [0; ROOM], keys: [NO_KEY; ROOM], standing: 0 };
    if piece.is_ascii() {
        parts.fill_bytes::<V>(piece);
    } else {
        parts.fill_chars::<V>(piece);
    }
    while parts.merge_lowest::<V>(count) {}
    sink.take(Standing { values: &parts.values, left: parts.standing });
}

impl<const ROOM: usize> Parts<ROOM> {
    /// Starts with the bytes of the piece.
    #[inline(always)]
    fn fill_bytes<V: Vocabulary>(&mut self, piece: &[u8]) {
        let mut previous = 0;
        for (at, (&byte, value)) in piece.iter().zip(&mut self.values).enumerate() {
            *value = vocabulary::byte::<V>(byte);
            if at > 0 {
                self.keys[(at - 1) % ROOM] = key(vocabulary::byte_pair::<V>(previous, byte), at - 1);
            }
            previous = byte;
        }
        self.standing = u64::MAX >> (64 - piece.len().clamp(1, ROOM));
    }

    /// Starts with the characters of the piece where that makes no difference, and with its bytes elsewhere.
    fn fill_chars<V: Vocabulary>(&mut self, piece: &[u8]) {
        let byte = |at: usize| piece.get(at).copied().unwrap_or(0);
        let mut last = None;
        let mut at = 0;
        while at < piece.len().min(ROOM) {
            let char =
                vocabulary::ready_char::<V>(if at == 0 { 0 } else { byte(at - 1) }, byte(at), byte(at + 1));
            let (value, length) = if char == NONE { (vocabulary::byte::<V>(byte(at)), 1) } else { (char, 2) };
            if let Some((previous, previous_value, previous_length)) = last {
                let pair = if length == 1 && previous_length == 1 {
                    vocabulary::byte_pair::<V>(byte(at - 1), byte(at))
                } else {
                    vocabulary::pair::<V>(previous_value, value)
                };
                self.keys[previous % ROOM] = key(pair, previous);
            }
            self.values[at % ROOM] = value;
            self.standing |= 1 << at;
            last = Some((at, value, length));
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
struct Standing<'a, const ROOM: usize> {
    values: &'a [u32; ROOM],
    left: u64,
}

impl<const ROOM: usize> Iterator for Standing<'_, ROOM> {
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
