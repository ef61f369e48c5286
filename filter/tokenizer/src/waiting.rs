//! Pieces that wait to be looked up together.
//!
//! A piece that is new to the cache costs mostly waiting for memory: for its place in the set of words, for the merge table.
//! The processor fetches for many reads at once, but only if they are at most a few dozen instructions apart and no branch
//! between them depends on what an earlier one finds. So whatever may have to be fetched is read for some pieces in a loop
//! that does little else, and judged in the next.

use crate::cache::{Cache, Key, SETS};
use crate::layout::words;
use crate::merge::{Count, Lanes, Merger};
use crate::vocabulary::{self, Vocabulary};
use alloc::vec::Vec;

/// How many pieces wait at most; a power of two, so that a masked index is always in bounds.
const ROOM: usize = 32;

/// A piece: where it is, and its key in the cache.
#[derive(Clone, Copy)]
struct Piece<const WORDS: usize> {
    start: usize,
    length: usize,
    key: Key<WORDS>,
}

impl<const WORDS: usize> Piece<WORDS> {
    #[inline(always)]
    fn bytes<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(self.start..self.start + self.length).unwrap_or_default()
    }
}

/// The text, and what counts its pieces.
pub(crate) struct Sources<'a, const WORDS: usize> {
    pub(crate) text: &'a [u8],
    pub(crate) cache: &'a mut Cache<WORDS, SETS>,
    pub(crate) lanes: &'a mut Lanes,
    pub(crate) merger: &'a mut Merger,
}

/// Pieces whose keys have `WORDS` words, none of them in the cache.
pub(crate) struct Waiting<const WORDS: usize> {
    pieces: Vec<Piece<WORDS>>,
    count: usize,
}

impl<const WORDS: usize> Waiting<WORDS> {
    pub(crate) const fn new() -> Self {
        Self { pieces: Vec::new(), count: 0 }
    }

    /// Starts with no piece.
    pub(crate) fn clear(&mut self) {
        self.count = 0;
        if self.pieces.is_empty() {
            self.pieces.resize(ROOM, Piece { start: 0, length: 0, key: Key::default() });
        }
    }

    /// Lets a piece wait, and says whether there is room for another.
    #[inline(always)]
    pub(crate) fn push(&mut self, start: usize, length: usize, key: Key<WORDS>) -> bool {
        if let Some(place) = self.pieces.get_mut(self.count) {
            *place = Piece { start, length, key };
        }
        self.count += 1;
        self.count < ROOM
    }

    /// The tokens of all that wait, but for those that from here on wait to be merged together.
    #[inline(never)]
    pub(crate) fn settle<V: Vocabulary>(&mut self, sources: &mut Sources<WORDS>) -> usize {
        let pieces = self.pieces.get(..self.count).unwrap_or_default();
        self.count = 0;
        let known = words::<V, WORDS>(pieces);
        let mut tokens = 0;
        for (at, piece) in pieces.iter().enumerate() {
            if known >> at & 1 != 0 {
                sources.cache.insert(&piece.key, 1);
                tokens += 1;
            } else if !sources.lanes.take::<V>(sources.text, piece.start, piece.length) {
                tokens += merge_alone::<V, WORDS>(piece, sources);
            }
        }
        tokens
    }
}

fn merge_alone<V: Vocabulary, const WORDS: usize>(
    piece: &Piece<WORDS>,
    sources: &mut Sources<WORDS>,
) -> usize {
    let mut alone = Count { tokens: 0, limit: usize::MAX };
    sources.merger.merge::<V>(piece.bytes(sources.text), &mut alone);
    sources.cache.insert(&piece.key, alone.tokens);
    alone.tokens
}

/// Which of the pieces are common words with the space before them, a bit each.
#[inline(always)]
fn words<V: Vocabulary, const WORDS: usize>(pieces: &[Piece<WORDS>]) -> u64 {
    let mut words = [(0u8, words::Place::default()); ROOM];
    let mut count = 0;
    for (at, piece) in pieces.iter().enumerate() {
        let key = piece.key.behind_space().and_then(|halves| words::key(halves, piece.length - 1));
        if let Some(key) = key {
            words[count % ROOM] = (at as u8, vocabulary::word_place::<V>(key));
            count += 1;
        }
    }
    let mut slots = [0; ROOM];
    for (slot, (_, place)) in slots.iter_mut().zip(&words).take(count) {
        *slot = vocabulary::word_slot::<V>(*place);
    }
    let mut entries = [0; ROOM];
    for (entry, slot) in entries.iter_mut().zip(slots).take(count) {
        *entry = vocabulary::word_entry::<V>(slot);
    }
    let mut known = 0;
    for ((at, place), entry) in words.into_iter().zip(entries).take(count) {
        known |= u64::from(vocabulary::is_word::<V>(place, entry)) << at;
    }
    known
}
