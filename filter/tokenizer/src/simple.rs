//! Counting without carrying a [`Scratch`] around: one per thread, allocated when the thread first counts.

use crate::{Encoding, Exceeded, Scratch, Tokens};
use core::cell::RefCell;
use std::thread_local;

thread_local! {
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch::new()) };
}

/// Runs `work` with the thread's scratch; with a fresh one if the thread is ending or already counting.
pub(crate) fn with_scratch<T>(work: impl FnOnce(&mut Scratch) -> T) -> T {
    let mut taken = SCRATCH
        .try_with(|scratch| scratch.try_borrow_mut().map(|mut scratch| core::mem::take(&mut *scratch)));
    let scratch = match &mut taken {
        Ok(Ok(scratch)) => scratch,
        _ => &mut Scratch::new(),
    };
    let result = work(scratch);
    if let Ok(Ok(scratch)) = taken {
        // Not being able to give it back only makes the next count slower.
        let _ = SCRATCH.try_with(|place| place.replace(scratch));
    }
    result
}

/// The number of tokens in `text`. What looks like a special token is ordinary text.
///
/// ```
/// use tollgate_tokenizer::{Encoding, Tokens, count};
/// assert_eq!(count(Encoding::O200kBase, "Hello, world!"), Tokens::new(4));
/// ```
pub fn count(encoding: Encoding, text: &str) -> Tokens {
    with_scratch(|scratch| scratch.count(encoding, text))
}

/// The number of tokens in `text`, or [`Exceeded`] as soon as there are more than `limit`: the rest is not read.
///
/// ```
/// use tollgate_tokenizer::{Encoding, Exceeded, Tokens, count_up_to};
/// let limit = Tokens::new(3);
/// assert_eq!(count_up_to(Encoding::O200kBase, "Hello, world!", limit), Err(Exceeded { limit }));
/// ```
pub fn count_up_to(encoding: Encoding, text: &str, limit: Tokens) -> Result<Tokens, Exceeded> {
    with_scratch(|scratch| scratch.count_up_to(encoding, text, limit))
}
