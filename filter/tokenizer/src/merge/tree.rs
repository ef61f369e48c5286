//! Merging a window with a tree of minima: after each merge only the paths from the changed places to the root are read.

use crate::layout::NONE;
use crate::vocabulary::{self, Vocabulary};
use alloc::vec::Vec;

/// No neighbour.
const END: u32 = u32::MAX;

/// Nothing merges here: greater than every key.
const NO_KEY: u64 = u64::MAX;

/// The scratch of the merge, reused from window to window. Tokens stay where their first byte is.
pub(super) struct Tree {
    values: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
    /// A binary tree: the root is 1, the children of `n` are `2n` and `2n + 1`, and the leaves are the upper half. A key is
    /// the value that a token merges to with its right neighbour, above its position.
    keys: Vec<u64>,
    leaves: usize,
    length: usize,
}

const fn key(value: u32, position: usize) -> u64 {
    if value >= NONE { NO_KEY } else { (value as u64) << 32 | position as u64 }
}

impl Tree {
    pub(super) const fn new() -> Self {
        Self {
            values: Vec::new(),
            next: Vec::new(),
            previous: Vec::new(),
            keys: Vec::new(),
            leaves: 0,
            length: 0,
        }
    }

    /// Merges all of `window`.
    pub(super) fn merge<V: Vocabulary>(&mut self, window: &[u8]) {
        self.fill::<V>(window);
        loop {
            let lowest = self.keys.get(1).copied().unwrap_or(NO_KEY);
            if lowest == NO_KEY {
                return;
            }
            self.merge_at::<V>((lowest & u64::from(u32::MAX)) as usize, (lowest >> 32) as u32);
        }
    }

    fn fill<V: Vocabulary>(&mut self, window: &[u8]) {
        let count = window.len();
        self.length = count;
        self.leaves = count.next_power_of_two();
        self.values.clear();
        self.values.extend(window.iter().map(|&byte| vocabulary::byte::<V>(byte)));
        self.next.clear();
        self.next.extend((1..count as u32).chain([END]));
        self.previous.clear();
        self.previous.extend([END].into_iter().chain(0..count as u32 - 1));
        self.keys.clear();
        self.keys.resize(self.leaves, NO_KEY);
        let pairs = self.values.iter().zip(self.values.iter().skip(1)).enumerate();
        self.keys.extend(pairs.map(|(at, (&left, &right))| key(vocabulary::pair::<V>(left, right), at)));
        self.keys.resize(2 * self.leaves, NO_KEY);
        for node in (1..self.leaves).rev() {
            let lower = self.key(2 * node).min(self.key(2 * node + 1));
            self.set_key(node, lower);
        }
    }

    fn merge_at<V: Vocabulary>(&mut self, at: usize, value: u32) {
        let gone = self.next(at) as usize;
        let next = self.next(gone);
        let previous = self.previous(at);
        if let Some(place) = self.values.get_mut(at) {
            *place = value;
        }
        if let Some(place) = self.next.get_mut(at) {
            *place = next;
        }
        if let Some(place) = self.previous.get_mut(next as usize) {
            *place = at as u32;
        }
        self.update(gone, NO_KEY);
        let with_next =
            if next == END { NO_KEY } else { key(vocabulary::pair::<V>(value, self.value(next)), at) };
        self.update(at, with_next);
        if previous != END {
            let merged = vocabulary::pair::<V>(self.value(previous), value);
            self.update(previous as usize, key(merged, previous as usize));
        }
    }

    /// Changes a leaf and the minima above it.
    #[inline(always)]
    fn update(&mut self, leaf: usize, key: u64) {
        let mut node = self.leaves + leaf;
        if self.key(node) == key {
            return;
        }
        self.set_key(node, key);
        let mut lower = key;
        while node > 1 {
            lower = lower.min(self.key(node ^ 1));
            node /= 2;
            if self.key(node) == lower {
                return;
            }
            self.set_key(node, lower);
        }
    }

    #[inline(always)]
    fn key(&self, node: usize) -> u64 {
        self.keys.get(node).copied().unwrap_or(NO_KEY)
    }

    #[inline(always)]
    fn set_key(&mut self, node: usize, key: u64) {
        if let Some(place) = self.keys.get_mut(node) {
            *place = key;
        }
    }

    #[inline(always)]
    fn value(&self, at: u32) -> u32 {
        self.values.get(at as usize).copied().unwrap_or(NONE)
    }

    #[inline(always)]
    fn next(&self, at: usize) -> u32 {
        self.next.get(at).copied().unwrap_or(END)
    }

    #[inline(always)]
    fn previous(&self, at: usize) -> u32 {
        self.previous.get(at).copied().unwrap_or(END)
    }

    /// Where the token after the one at `at` starts: the end of the window for the last one.
    pub(super) fn end_of(&self, at: usize) -> usize {
        match self.next(at) {
            END => self.length,
            next => next as usize,
        }
    }

    /// The start of the last token that ends at or before `end`, if there is one.
    pub(super) fn last_until(&self, end: usize) -> Option<usize> {
        let mut found = None;
        let mut at = 0;
        while at < self.length && self.end_of(at) <= end {
            found = Some(at);
            at = self.end_of(at);
        }
        found
    }

    /// The tokens that start from `from` until before `to`.
    pub(super) fn tokens(&self, from: usize, to: usize) -> impl Iterator<Item = u32> {
        let to = to.min(self.length);
        core::iter::successors(Some(from), |&at| Some(self.end_of(at)))
            .take_while(move |&at| at < to)
            .map(|at| self.value(at as u32))
    }
}
