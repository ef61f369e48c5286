//! The working memory of counting: what is remembered of recent pieces, and room for the merge. One per thread is enough for
//! any number of texts and encodings.

use crate::cache::{Cache, LONGEST_SETS, SETS};
use crate::merge::{Lanes, Merger};
use crate::waiting::Waiting;
use crate::{Encoding, Exceeded, Tokens, count};

/// Working memory for counting, of bounded size and reused from call to call. It changes how fast the next count is, never
/// the result.
///
/// Nothing is allocated before the first count; after that it holds one mebibyte of recent pieces, some fifty kilobytes for
/// the merge of new ones, and as much again for long ones.
pub struct Scratch {
    pub(crate) short: Cache<2, SETS>,
    pub(crate) long: Cache<4, SETS>,
    pub(crate) longest: Cache<8, LONGEST_SETS>,
    pub(crate) short_waiting: Waiting<2>,
    pub(crate) long_waiting: Waiting<4>,
    pub(crate) lanes: Lanes,
    pub(crate) merger: Merger,
}

impl Scratch {
    /// Empty working memory.
    pub const fn new() -> Self {
        Self {
            short: Cache::new(),
            long: Cache::new(),
            longest: Cache::new(),
            short_waiting: Waiting::new(),
            long_waiting: Waiting::new(),
            lanes: Lanes::new(),
            merger: Merger::new(),
        }
    }

    /// The number of tokens in `text`. What looks like a special token is ordinary text.
    pub fn count(&mut self, encoding: Encoding, text: &str) -> Tokens {
        Tokens::new(count::up_to(encoding, text, usize::MAX, self).unwrap_or(usize::MAX) as u64)
    }

    /// The number of tokens in `text`, or [`Exceeded`] as soon as there are more than `limit`.
    pub fn count_up_to(&mut self, encoding: Encoding, text: &str, limit: Tokens) -> Result<Tokens, Exceeded> {
        let stop = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        count::up_to(encoding, text, stop, self)
            .map(|tokens| Tokens::new(tokens as u64))
            .ok_or(Exceeded { limit })
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for Scratch {
    /// Says nothing of what it remembers, which is text that was counted.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Scratch").finish_non_exhaustive()
    }
}
