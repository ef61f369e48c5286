//! Stand-ins for names that are missing or that may not be sent: the same for the same words, in every process.
//!
//! The hash is FNV-1a with 128 bits. It tells names apart and keeps a name out of sight; it is no proof against
//! somebody who looks for two names with one stand-in.

use std::borrow::Cow;

use super::Text;

/// The offset and the prime of FNV-1a for 128 bits.
const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
/// Stands behind each word; no UTF-8 text holds it, so the words cannot run into each other.
const WORD_END: u8 = 0xff;
/// The characters of an id of a call. Mistral takes exactly as many as this, letters and digits alone; everybody
/// else takes these too.
const ID_DIGITS: u32 = 9;

/// What the words come to.
pub fn digest<'w>(words: impl IntoIterator<Item = &'w str>) -> u128 {
    let step = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    words.into_iter().fold(OFFSET, |hash, word| step(word.bytes().fold(hash, step), WORD_END))
}

/// A stand-in for `name`: 32 hexadecimal digits.
pub fn stand_in(name: &Text<'_>) -> Text<'static> {
    Text::owned(format!("{:032x}", digest([name.plain().as_ref()])))
}

/// `name`, or its [`stand_in`] where it has more than `characters_max` characters.
pub fn shortened<'n, 'd>(name: &'n Text<'d>, characters_max: usize) -> Cow<'n, Text<'d>> {
    match name.plain().chars().nth(characters_max) {
        None => Cow::Borrowed(name),
        Some(_) => Cow::Owned(stand_in(name)),
    }
}

/// An id for the call numbered `call` of the answer numbered `choice` in the reply that `reply` is the digest of.
/// Distinct ids in a reply, and others in the next one, since a conversation may hold both.
pub fn call_id(reply: u128, choice: u32, call: u32) -> String {
    let mut rest = digest([format!("{reply:x} {choice} {call}").as_str()]);
    let digit = |_| {
        let digit = char::from_digit((rest % 36) as u32, 36).unwrap_or('0');
        rest /= 36;
        digit
    };
    (0..ID_DIGITS).map(digit).collect()
}
