//! With what the merge of a short piece starts: its characters or bytes, and in ASCII two neighbouring letters as one wherever
//! the generator has proven that they merge before anything else happens to either of them.

use crate::chars::byte_at;
use crate::layout::letters::{self, EDGE, NO_ALPHABET};
use crate::layout::{NONE, two_bytes};
use crate::vocabulary::{self, Vocabulary};

/// The units of a piece, at the positions from one on, between two edges.
pub(super) struct Units {
    /// How many they are.
    pub(super) count: usize,
    /// At which positions it must be asked what the unit there merges to with the next one, a bit each.
    pub(super) unknown: u32,
}

/// Writes the units of `piece` to `values`, and to `keys` the `key` of what each merges to with the next one as far as that is
/// known; none if there is no place free behind them.
#[inline(always)]
pub(super) fn fill<V: Vocabulary, const ROOM: usize>(
    piece: &[u8],
    values: &mut [u32; ROOM],
    keys: &mut [u32; ROOM],
    key: impl Fn(u32, usize) -> u32,
) -> Option<Units> {
    *keys = [key(NONE, 0); ROOM];
    values[0] = V::EDGE;
    let units = if piece.is_ascii() {
        of_ascii::<V, ROOM>(piece, values, keys, key)
    } else {
        others::<V, ROOM>(piece, values, keys, key)
    }?;
    *values.get_mut(units.count + 1)? = V::EDGE;
    Some(units)
}

/// Walks along the letters with what is known of the one before, the one it stands on and the one behind, and the next.
#[inline(always)]
fn of_ascii<V: Vocabulary, const ROOM: usize>(
    piece: &[u8],
    values: &mut [u32; ROOM],
    keys: &mut [u32; ROOM],
    key: impl Fn(u32, usize) -> u32,
) -> Option<Units> {
    let mut bytes = piece.iter();
    let mut next = || bytes.next().map_or((NONE, EDGE), |&byte| vocabulary::letter::<V>(byte));
    let ((mut value, mut place), mut second) = (next(), next());
    let mut before = vocabulary::join::<V>(EDGE, place);
    let mut here = vocabulary::join::<V>(place, second.1);
    let (mut at, mut unknown) = (1, 0u32);
    let (mut was_joined, mut is_letter_before) = (false, true);
    // No character has the place of an edge.
    while place != EDGE {
        let third = next();
        let behind = vocabulary::join::<V>(second.1, third.1);
        let is_joined = (here.value < before.right_taken) & (here.value < behind.left_taken);
        *values.get_mut(at)? = if is_joined { here.value } else { value };
        let is_known = is_letter_before & !is_joined & (before.right_taken != 0);
        keys[at - 1] = key(if is_known { before.value } else { NONE }, at - 1);
        unknown = unknown & !(1 << (at - 1)) | u32::from(!is_known) << (at - 1);
        // The second letter of two that were joined is none for itself: what stands behind them takes its place.
        at += usize::from(!was_joined);
        is_letter_before = !is_joined & !was_joined;
        was_joined = is_joined;
        (before, here) = (here, behind);
        ((value, place), second) = (second, third);
    }
    keys[at - 1] = key(NONE, 0);
    Some(Units { count: at - 1, unknown: unknown & !1 & ((1 << (at - 1)) - 1) })
}

/// One unit after the other. What two letters of two bytes merge to is known if they are of the same alphabet.
#[inline(always)]
fn others<V: Vocabulary, const ROOM: usize>(
    piece: &[u8],
    values: &mut [u32; ROOM],
    keys: &mut [u32; ROOM],
    key: impl Fn(u32, usize) -> u32,
) -> Option<Units> {
    let (mut count, mut at) = (0, 0);
    let (mut unknown, mut before) = (0, NO_ALPHABET);
    while at < piece.len() {
        let (value, length) = vocabulary::unit::<V>(piece, at);
        let letter = if length == 2 {
            letters::IN_ALPHABETS
                [two_bytes(byte_at(piece, at), byte_at(piece, at + 1)) % letters::IN_ALPHABETS.len()]
        } else {
            NO_ALPHABET
        };
        match letters::alphabet_pair(before, letter) {
            Some(pair) => keys[count % ROOM] = key(vocabulary::word(V::ALPHABET_PAIRS, pair), count),
            None => unknown |= 1 << count,
        }
        count += 1;
        *values.get_mut(count)? = value;
        before = letter;
        at += length;
    }
    Some(Units { count, unknown: unknown & !1 })
}
