//! The pairs of two low ids, as rows pushed into each other.
//!
//! Every left half has a row with a place for each right half, in parts of [`NEAR_PART`] places. Most places of a part are
//! empty, so the parts are laid over each other such that no two use the same place. A place says which left half it is of;
//! two parts of one left half lie so far apart that neither reaches the places of the other, so that is enough to know whose
//! it is.

use crate::layout::{NEAR_IDS, NEAR_PART, NEAR_PARTS, near, near_part};

/// The parts in one table.
pub struct Near {
    /// Half of where each part starts.
    pub starts: Vec<u16>,
    /// The places, and behind them so many empty ones that no part reaches beyond.
    pub places: Vec<u32>,
}

impl Near {
    /// `pairs` are (left, right, value), all ids below [`NEAR_IDS`].
    pub fn of(pairs: &[(u32, u32, u32)]) -> Self {
        let mut parts = vec![Vec::new(); (NEAR_IDS * NEAR_PARTS) as usize];
        for &(left, right, value) in pairs {
            parts[near_part(left, right)].push((right % NEAR_PART, near(left, value)));
        }
        let mut taken = Taken::none();
        let mut starts: Vec<Option<u32>> = vec![None; parts.len()];
        let mut places = Vec::new();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        // The longest are the hardest to place, and the most used: they share the start of the table.
        order.sort_by_key(|&at| std::cmp::Reverse(parts[at].len()));
        for at in order {
            let row = at - at % NEAR_PARTS as usize;
            let same_row: Vec<u32> =
                starts[row..row + NEAR_PARTS as usize].iter().copied().flatten().collect();
            let start = taken.first_fit(&parts[at], &same_row);
            starts[at] = Some(start);
            for &(offset, place) in &parts[at] {
                let at = (start + offset) as usize;
                taken.take(at);
                if places.len() <= at {
                    places.resize(at + 1, u32::MAX);
                }
                places[at] = place;
            }
        }
        let starts =
            starts.into_iter().flatten().map(|start| u16::try_from(start / 2).expect("few enough places"));
        places.resize(places.len() + NEAR_PART as usize, u32::MAX);
        Self { starts: starts.collect(), places }
    }
}

/// Which places are taken, one bit each.
struct Taken {
    /// Enough for all places that a start in two bytes can reach.
    words: Vec<u64>,
    /// How many of the words, from the first, have no free place.
    full: usize,
}

impl Taken {
    fn none() -> Self {
        let places = (usize::from(u16::MAX) + 1) * 2 + 2 * NEAR_PART as usize;
        Self { words: vec![0; places / 64], full: 0 }
    }

    fn take(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
        while self.words[self.full] == u64::MAX {
            self.full += 1;
        }
    }

    /// The lowest even start for which the places of all of `part` are free, and which is far enough from `others`.
    fn first_fit(&self, part: &[(u32, u32)], others: &[u32]) -> u32 {
        let least = part.iter().map(|&(offset, _)| offset).min().unwrap_or(self.full as u32 * 64);
        let words = self.words.as_slice();
        let mut block = (self.full as u32 * 64).saturating_sub(least) / 64 * 64;
        loop {
            // A bit is set for each of 64 starts for which some place is taken.
            let mut conflicts = 0xAAAA_AAAA_AAAA_AAAA;
            for &(offset, _) in part {
                // The 64 places from there on. Written out, because without optimisation a call takes most of the build.
                let (word, bit) = ((block + offset) as usize >> 6, (block + offset) & 63);
                conflicts |= words[word] >> bit | words[word + 1] << 1 << (63 - bit);
                if conflicts == u64::MAX {
                    break;
                }
            }
            let is_far = |start: u32| others.iter().all(|other| other.abs_diff(start) >= NEAR_PART);
            while conflicts != u64::MAX {
                let start = block + conflicts.trailing_ones();
                if is_far(start) {
                    return start;
                }
                conflicts |= conflicts + 1;
            }
            block += 64;
        }
    }
}
