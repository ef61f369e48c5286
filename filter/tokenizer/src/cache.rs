//! The counts of recent pieces. Keys are the whole piece, never a digest of it, so a hit is exact.
//!
//! A line of the processor's cache is a set: four pieces of up to 14 bytes, two of up to 30, or one of up to 62. The bytes of
//! a piece, padded with zeros, leave the upper two bytes of its last word free; they hold its length, the vocabulary and the
//! count.

use alloc::vec::Vec;

/// Sets of pieces of up to 30 bytes, for each of the two lengths: half a mebibyte.
pub(crate) const SETS: usize = 1 << 13;

/// Sets of longer pieces, which are mostly indentation: 32 KiB.
pub(crate) const LONGEST_SETS: usize = 1 << 9;

/// The longest piece with a short key.
pub(crate) const SHORT_BYTES_MAX: usize = 14;

/// The longest piece with a long key.
pub(crate) const LONG_BYTES_MAX: usize = 30;

/// The longest piece that is remembered.
pub(crate) const LONGEST_BYTES_MAX: usize = 62;

/// Where the count starts in the last word of an entry.
const COUNT_SHIFT: u32 = 56;

/// A set.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u64; 8]);

/// Counts by piece of `8 * WORDS - 2` bytes at most, of fixed size, allocated when first used.
pub(crate) struct Cache<const WORDS: usize, const SETS: usize> {
    sets: Vec<Line>,
}

impl<const WORDS: usize, const SETS: usize> Cache<WORDS, SETS> {
    pub(crate) const fn new() -> Self {
        Self { sets: Vec::new() }
    }

    /// The count remembered for a piece.
    #[inline(always)]
    pub(crate) fn get(&self, key: &Key<WORDS>) -> Option<usize> {
        let Line(line) = self.sets.get(key.set(SETS))?;
        let count_of = |entry| if key.is_of(entry) { entry[WORDS - 1] >> COUNT_SHIFT } else { 0 };
        let (first, others) = line.as_chunks::<WORDS>().0.split_first()?;
        let count = count_of(first);
        if count != 0 {
            return Some(count as usize);
        }
        // No branch on which of the others it is: that is as good as random.
        let count = others.iter().map(count_of).fold(0, |all, count| all | count);
        (count != 0).then_some(count as usize)
    }

    /// Remembers a count in the place of the oldest of its set.
    pub(crate) fn insert(&mut self, key: &Key<WORDS>, count: usize) {
        if self.sets.is_empty() {
            self.sets.resize(SETS, Line([0; 8]));
        }
        if let Some(Line(line)) = self.sets.get_mut(key.set(SETS)) {
            let old = *line;
            for (place, word) in line.iter_mut().skip(WORDS).zip(old) {
                *place = word;
            }
            if let Some(entry) = line.first_chunk_mut::<WORDS>() {
                *entry = key.0;
                entry[WORDS - 1] |= (count as u64) << COUNT_SHIFT;
            }
        }
    }
}

/// A piece as a key of `WORDS` words.
#[derive(Clone, Copy)]
pub(crate) struct Key<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Default for Key<WORDS> {
    /// The key of no piece.
    fn default() -> Self {
        Self([0; WORDS])
    }
}

/// More than the length of any piece that is remembered; a power of two, so that a masked index is always in bounds.
const LENGTHS: usize = 64;

impl<const WORDS: usize> Key<WORDS> {
    /// The bytes that belong to a piece, for each length.
    const MASKS: [[u64; WORDS]; LENGTHS] = {
        let mut masks = [[0; WORDS]; LENGTHS];
        let mut at = 0;
        while at < LENGTHS * 8 * WORDS {
            let (length, byte) = (at / (8 * WORDS), at % (8 * WORDS));
            if byte < length {
                masks[length][byte / 8] |= 0xFF << (8 * (byte % 8));
            }
            at += 1;
        }
        masks
    };

    /// `length` bytes of `text` from `start`; at most `8 * WORDS - 2`.
    #[inline(always)]
    pub(crate) fn new(text: &[u8], start: usize, length: usize, tag: u8) -> Self {
        let rest = text.get(start..).unwrap_or_default();
        let words: [u64; WORDS] = match rest.as_chunks().0.first_chunk::<WORDS>() {
            Some(words) => words.map(u64::from_le_bytes),
            None => padded(rest),
        };
        let mut key = Self::MASKS[length % LENGTHS];
        for (mask, word) in key.iter_mut().zip(words) {
            *mask &= word;
        }
        // The lengths of the pieces in one cache differ in these five bits.
        key[WORDS - 1] |= (length as u64 % 32) << 48 | u64::from(tag) << 53;
        Self(key)
    }

    /// The sixteen bytes behind the space with which the piece starts, padded with zeros; none if there is no space.
    #[inline(always)]
    pub(crate) fn behind_space(&self) -> Option<[u64; 2]> {
        let mut bytes = self.0;
        bytes[WORDS - 1] &= u64::MAX >> 16;
        let third = bytes.get(2).copied().unwrap_or(0);
        let &[first, second, ..] = bytes.as_slice() else { return None };
        (first as u8 == b' ').then_some([first >> 8 | second << 56, second >> 8 | third << 56])
    }

    /// An entry is a key with its count above it.
    #[inline(always)]
    fn is_of(&self, entry: &[u64; WORDS]) -> bool {
        let mut differing = (self.0[WORDS - 1] ^ entry[WORDS - 1]) << (64 - COUNT_SHIFT);
        for (mine, theirs) in self.0.iter().zip(entry).take(WORDS - 1) {
            differing |= mine ^ theirs;
        }
        differing == 0
    }

    #[inline(always)]
    fn set(&self, sets: usize) -> usize {
        let mixed = self.0.iter().fold(0u64, |mixed, word| {
            let product = (mixed ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            product ^ (product >> 32)
        });
        mixed as usize % sets
    }
}

/// The words at the very end of a text, where there are not enough bytes for all of them.
#[cold]
fn padded<const WORDS: usize>(rest: &[u8]) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    for (word, bytes) in words.iter_mut().zip(rest.chunks(8)) {
        *word = bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
    }
    words
}
