//! Neighbouring letters: what two of them merge to, and whether they do so before anything else happens.
//!
//! In ASCII a merge may start with the token of two letters instead of with the two wherever that makes no difference. They
//! merge before anything else happens to either of them if their rank is lower than that of every merge of the first one by
//! itself, as a right half, with something that ends with the letter before it, and than that of every merge of the second one
//! by itself, as a left half, with something that starts with the letter behind it. Until one of them merges, what stands
//! beside them ends and starts with these letters, and their own merge is open; so the first merge that takes one of them
//! takes both. That it is made early changes nothing else: whatever their token merges with has a higher rank still.

use crate::layout::letters::{
    ALPHABET_PAIRS, FOREIGN, IN_ALPHABETS, Join, NO_ALPHABET, PLACES, alphabet_pair, pair,
};
use crate::layout::{NONE, WIDE, two_bytes};
use crate::vocabulary::words;
use std::cmp::Reverse;

/// Hands the tables of letters to `table`. `halves` are (left, right, merged), `bytes` the tokens of single bytes; `value` gives
/// the value of a token.
pub fn write(
    tokens: &[Vec<u8>],
    halves: &[(u32, u32, u32)],
    bytes: &[u32],
    value: impl Fn(u32) -> u32 + Copy,
    mut table: impl FnMut(&str, &[u8]),
) {
    let Joined { places, joins } = Joined::of(tokens, halves, value);
    let letters = places.iter().zip(bytes).map(|(&place, &id)| value(id) | u32::from(place) << 20);
    table("LETTERS", &words(letters));
    table("JOINS", &joins.into_iter().flat_map(|join| join.pack().to_le_bytes()).collect::<Vec<_>>());
    table("ALPHABET_PAIRS", &words(alphabet_pairs(tokens, halves, value).into_iter()));
}

/// What happens between two neighbouring letters.
struct Joined {
    /// The place of each character of ASCII.
    places: [u8; 128],
    /// For each two letters.
    joins: Vec<Join>,
}

impl Joined {
    fn of(tokens: &[Vec<u8>], halves: &[(u32, u32, u32)], value: impl Fn(u32) -> u32) -> Self {
        let places = places(tokens);
        let place =
            |byte: Option<&u8>| places.get(usize::from(*byte?)).copied().filter(|&place| place != FOREIGN);
        let none = Join { value: NONE, right_taken: NONE, left_taken: NONE };
        let mut joins = vec![none; usize::from(PLACES) * usize::from(PLACES)];
        for &(left, right, id) in halves {
            let (left, right) = (&tokens[left as usize], &tokens[right as usize]);
            let (Some(last), Some(first)) = (place(left.last()), place(right.first())) else { continue };
            let Join { value: whole, right_taken, left_taken } = &mut joins[pair(last, first)];
            let value = value(id);
            if right.len() == 1 {
                *right_taken = value.min(*right_taken);
            }
            if left.len() == 1 {
                *left_taken = value.min(*left_taken);
            }
            if left.len() + right.len() == 2 {
                *whole = value;
            }
        }
        for other in 0..PLACES {
            for at in [pair(FOREIGN, other), pair(other, FOREIGN)] {
                joins[at] = Join { value: NONE, right_taken: 0, left_taken: 0 };
            }
        }
        Self { places, joins }
    }
}

/// A place for each of the characters that are in most tokens; none for digits, which are hardly ever merged here.
fn places(tokens: &[Vec<u8>]) -> [u8; 128] {
    let mut found = [0u32; 128];
    for &byte in tokens.iter().flatten().filter(|byte| byte.is_ascii() && !byte.is_ascii_digit()) {
        found[usize::from(byte)] += 1;
    }
    let mut order: Vec<usize> = (0..128).collect();
    order.sort_by_key(|&byte| (Reverse(found[byte]), byte));
    let mut places = [FOREIGN; 128];
    for (place, byte) in (1..FOREIGN).zip(order) {
        places[byte] = place;
    }
    places
}

/// What two ready letters of two bytes of the same alphabet merge to.
fn alphabet_pairs(tokens: &[Vec<u8>], halves: &[(u32, u32, u32)], value: impl Fn(u32) -> u32) -> Vec<u32> {
    let mut pairs = vec![NONE; ALPHABET_PAIRS];
    let letter = |id: u32| match tokens[id as usize][..] {
        [first @ 0xC2..WIDE, second] => IN_ALPHABETS[two_bytes(first, second)],
        _ => NO_ALPHABET,
    };
    for &(left, right, id) in halves {
        if let Some(at) = alphabet_pair(letter(left), letter(right)) {
            pairs[at] = value(id);
        }
    }
    pairs
}
