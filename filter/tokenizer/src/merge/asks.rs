//! What many pairs of tokens merge to, asked at the same time.
//!
//! Each step of a lookup is made for all pairs before the next step of any: the reads of a step do not wait for each other,
//! and no branch depends on them, so the processor fetches for many at once.

use crate::layout::{MAY_BE_LEFT, MAY_BE_RIGHT, NEAR_IDS};
use crate::vocabulary::{self, Vocabulary};

/// How many pairs are asked for at most; a power of two, so that a masked index is always in bounds.
pub(super) const ASKS_MAX: usize = 1 << BY_BITS;

/// Bits of who asks.
const BY_BITS: u32 = 11;

/// Bits of an id, or of whatever else a step leaves for the next in its place.
const PART_BITS: u32 = 26;

/// A pair and who asks, in a word: two parts, the left one above the right one, above who asks.
const fn packed(left: u32, right: u32, by: u32) -> u64 {
    (left as u64) << (PART_BITS + BY_BITS) | (right as u64) << BY_BITS | by as u64
}

const fn left(ask: u64) -> u32 {
    (ask >> (PART_BITS + BY_BITS)) as u32
}

const fn right(ask: u64) -> u32 {
    (ask >> BY_BITS) as u32 & ((1 << PART_BITS) - 1)
}

const fn by(ask: u64) -> usize {
    ask as usize % ASKS_MAX
}

/// Pairs that are asked for.
pub(super) struct Asks<'a> {
    near: List<'a>,
    far: List<'a>,
}

impl<'a> Asks<'a> {
    pub(super) const fn new(near: &'a mut [u64; ASKS_MAX], far: &'a mut [u64; ASKS_MAX]) -> Self {
        Self { near: List { asks: near, count: 0 }, far: List { asks: far, count: 0 } }
    }

    /// Asks for two tokens, unless their flags say already that they do not merge.
    #[inline(always)]
    pub(super) fn push(&mut self, left: u32, right: u32, by: usize) {
        let may_merge = left & MAY_BE_LEFT & (right & MAY_BE_RIGHT) >> 1;
        let is_near = u32::from((left | right) >> 2 < NEAR_IDS);
        let ask = packed(left >> 2, right >> 2, by as u32);
        self.near.push(ask, may_merge & is_near);
        self.far.push(ask, may_merge & (is_near ^ 1));
    }

    /// Gives every pair asked for to `take`, with who asked and what it merges to.
    #[inline(always)]
    pub(super) fn answer<V: Vocabulary>(&mut self, mut take: impl FnMut(usize, u32)) {
        for ask in self.near.asked() {
            let place = vocabulary::near_place::<V>(left(*ask), right(*ask));
            *ask = packed(left(*ask), place, by(*ask) as u32);
        }
        for &mut ask in self.near.asked() {
            take(by(ask), vocabulary::near_at::<V>(left(ask), right(ask)));
        }
        let mut kept = 0;
        for at in 0..self.far.count {
            let ask = self.far.asks[at % ASKS_MAX];
            let (is_there, slot, tag) = vocabulary::far_slot::<V>(left(ask), right(ask));
            self.far.asks[kept % ASKS_MAX] = packed(slot, tag, by(ask) as u32);
            kept += usize::from(is_there);
        }
        self.far.count = kept;
        for &mut ask in self.far.asked() {
            take(by(ask), vocabulary::far_at::<V>(left(ask), right(ask)));
        }
        (self.near.count, self.far.count) = (0, 0);
    }
}

struct List<'a> {
    asks: &'a mut [u64; ASKS_MAX],
    count: usize,
}

impl List<'_> {
    /// Without a branch on whether it belongs here (one, or zero): that is as good as random.
    #[inline(always)]
    const fn push(&mut self, ask: u64, is_here: u32) {
        self.asks[self.count % ASKS_MAX] = ask;
        self.count += is_here as usize;
    }

    #[inline(always)]
    fn asked(&mut self) -> &mut [u64] {
        self.asks.get_mut(..self.count).unwrap_or_default()
    }
}
