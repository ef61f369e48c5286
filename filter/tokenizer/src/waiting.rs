//! Pieces that wait to be looked up together.
//!
//! A piece that is new to the cache costs mostly waiting for memory: for its set, for its place in the set of words, for the
//! merge table. One after the other, with branches between that cannot be foreseen, these waits add up. Here the lookups of
//! some pieces are made one behind the other without a branch that depends on what they find, so that the processor makes
//! them at the same time.

use crate::cache::{Cache, Key};
use crate::layout::{self, WordPlace};
use crate::merge::{Count, Lanes, Merger, PIECES_MAX};
use crate::vocabulary::{self, Vocabulary};

/// How many pieces wait at most; a power of two, so that a masked index is always in bounds.
const ROOM: usize = PIECES_MAX;

/// A piece: where it is, and its key in the cache.
#[derive(Clone, Copy)]
struct Piece<const WORDS: usize> {
    start: usize,
    length: usize,
    key: Key<WORDS>,
}

/// Pieces whose keys have `WORDS` words, none of them in the cache.
pub(crate) struct Waiting<const WORDS: usize> {
    pieces: [Piece<WORDS>; ROOM],
    count: usize,
}

impl<const WORDS: usize> Waiting<WORDS> {
    pub(crate) fn new() -> Self {
        Self { pieces: [Piece { start: 0, length: 0, key: Key::default() }; ROOM], count: 0 }
    }

    /// Lets a piece wait, and says whether there is room for another.
    #[inline(always)]
    pub(crate) fn push(&mut self, start: usize, length: usize, key: Key<WORDS>) -> bool {
        self.pieces[self.count % ROOM] = Piece { start, length, key };
        self.count += 1;
        self.count < ROOM
    }

    /// The tokens of all that wait.
    #[inline(never)]
    pub(crate) fn settle<V: Vocabulary>(
        &mut self,
        text: &[u8],
        cache: &mut Cache<WORDS>,
        lanes: &mut Lanes,
        merger: &mut Merger,
    ) -> usize {
        let known = self.words::<V>(text);
        let mut tokens = 0;
        let mut taken = [0u8; ROOM];
        let mut count = 0;
        for (at, piece) in self.pieces.iter().take(self.count).enumerate() {
            if known >> at & 1 != 0 {
                cache.insert(&piece.key, 1);
                tokens += 1;
                continue;
            }
            let bytes = text.get(piece.start..piece.start + piece.length).unwrap_or_default();
            if lanes.take::<V>(bytes) {
                taken[count % ROOM] = at as u8;
                count += 1;
            } else {
                let mut alone = Count { tokens: 0, limit: usize::MAX };
                merger.merge::<V>(bytes, &mut alone);
                cache.insert(&piece.key, alone.tokens);
                tokens += alone.tokens;
            }
        }
        for (&at, count) in taken.iter().take(count).zip(lanes.merge::<V>()) {
            cache.insert(&self.pieces[usize::from(at) % ROOM].key, count);
            tokens += count;
        }
        self.count = 0;
        tokens
    }

    /// Which of the pieces are common words with the space before them, a bit each.
    #[inline(always)]
    fn words<V: Vocabulary>(&self, text: &[u8]) -> u32 {
        let mut words = [(0u8, WordPlace::default()); ROOM];
        let mut count = 0;
        for (at, piece) in self.pieces.iter().take(self.count).enumerate() {
            let bytes = text.get(piece.start..piece.start + piece.length).unwrap_or_default();
            if let Some(key) = bytes.strip_prefix(b" ").and_then(layout::word_key) {
                words[count % ROOM] = (at as u8, vocabulary::word_place::<V>(key));
                count += 1;
            }
        }
        let slots: [usize; ROOM] =
            core::array::from_fn(|at| if at < count { vocabulary::word_slot::<V>(words[at].1) } else { 0 });
        let mut known = 0;
        for ((at, place), slot) in words.into_iter().zip(slots).take(count) {
            known |= u32::from(vocabulary::is_word_at::<V>(place, slot)) << at;
        }
        known
    }
}
