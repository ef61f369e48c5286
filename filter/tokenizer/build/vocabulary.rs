//! From the tokens of a vocabulary to its tables: which two tokens each one is merged from, and what follows from that.

use crate::hashed;
use crate::layout::{self, MAY_BE_LEFT, MAY_BE_RIGHT, NEAR_IDS, NONE, WIDE, value};
use crate::letters;
use crate::near::Near;
use crate::ready::Ready;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::hash::{BuildHasherDefault, Hasher};
use std::path::Path;

/// A hash good enough for pairs of small numbers, and quick in a build without optimisation.
#[derive(Default)]
pub struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }
    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(20) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// What two tokens merge to.
pub type Merges = HashMap<(u32, u32), u32, BuildHasherDefault<Quick>>;

pub fn write(folder: &Path, tokens: &[Vec<u8>]) {
    let bytes = single_bytes(tokens);
    let (merges, halves) = canonical(tokens, &bytes);
    check_digits(&bytes, &merges);
    let mut flags = vec![0u32; tokens.len()];
    for &(left, right, _) in &halves {
        flags[left as usize] |= MAY_BE_LEFT;
        flags[right as usize] |= MAY_BE_RIGHT;
    }
    let flagged = |id: u32| value(id, flags[id as usize]);
    let pairs: Vec<_> = halves.iter().map(|&(left, right, id)| (left, right, flagged(id))).collect();
    let is_near = |&(left, right, _): &(u32, u32, u32)| left.max(right) < NEAR_IDS;
    let (near_pairs, far): (Vec<_>, Vec<_>) = pairs.into_iter().partition(is_near);
    let near = Near::of(&near_pairs);
    let hashed = hashed::pairs(&far, tokens.len() as u32);
    let word_set = hashed::words(&common_words(tokens));
    let ready = Ready::of(tokens, &halves);
    let of_two = (0x80..0x800).map(|code| {
        let char = ready.two_bytes(code, &bytes, &merges);
        char.map_or(NONE, |(id, not_after)| flagged(id) | u32::from(not_after) << 20)
    });
    let spaced = (0x80..0x800).map(|code| ready.spaced(code, &bytes, &merges).map_or(NONE, flagged));
    let (wide_blocks, wide_chars) = ready.three_bytes(&bytes, &merges, flagged);
    let straddled = Straddled::of(tokens);

    let mut code = numbers(tokens, edge(&near_pairs), &hashed, &word_set);
    let mut table = |name: &str, bytes: &[u8]| crate::table(folder, &mut code, name, bytes);
    table("NEAR_STARTS", &near.starts.into_iter().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    table("NEAR", &words(near.places.into_iter()));
    table("BUCKETS", &hashed.buckets);
    table("SLOTS", &hashed.slots);
    table("WORD_BUCKETS", &word_set.buckets);
    table("WORD_SLOTS", &word_set.slots);
    table("BYTES", &words(bytes.iter().map(|&id| flagged(id))));
    table("BYTE_PAIRS", &byte_pairs(&bytes, &merges));
    table("CHARS", &words(of_two));
    table("SPACED", &words(spaced));
    letters::write(tokens, &halves, &bytes, flagged, &mut table);
    table("WIDE_BLOCKS", &wide_blocks);
    table("WIDE_CHARS", &words(wide_chars.into_iter()));
    table("CHAR_COUNTS", &char_counts(&bytes, &merges));
    table("STRADDLED", &straddled.pairs);
    table("STRADDLED_IN_PART", &words(straddled.in_part.into_iter()));
    table("TEXT", &tokens.concat());
    table("TEXT_ENDS", &words(ends(tokens)));
    std::fs::write(folder.join("tables.rs"), code).expect("OUT_DIR can be written");
}

/// Where each token ends if they stand one behind the other.
fn ends(tokens: &[Vec<u8>]) -> impl Iterator<Item = u32> {
    tokens.iter().scan(0, |end, token| {
        *end += token.len() as u32;
        Some(*end)
    })
}

/// The sizes of the tables, as the constants that the library includes.
fn numbers(tokens: &[Vec<u8>], edge: u32, pairs: &hashed::Pairs, word_set: &hashed::Words) -> String {
    let longest = tokens.iter().map(Vec::len).max().unwrap_or(0);
    let mut code = String::new();
    for (name, number) in [
        ("ID_BITS: u32", u64::from(pairs.id_bits)),
        ("TOKEN_BYTES_MAX: usize", longest as u64),
        ("EDGE: u32", u64::from(value(edge, 0))),
        ("WORD_SLOT_BYTES: usize", word_set.slot_bytes as u64),
    ] {
        writeln!(code, "pub(crate) const {name} = {number};").expect("a string grows");
    }
    for (name, shape) in [("PAIRS", &pairs.shape), ("WORDS", &word_set.shape)] {
        let hashed::Shape { bucket_bits, slot_count, multiplier } = shape;
        writeln!(
            code,
            "pub(crate) const {name}: crate::vocabulary::Shape = crate::vocabulary::Shape {{ bucket_bits: {bucket_bits}, \
             slot_count: {slot_count}, multiplier: {multiplier} }};"
        )
        .expect("a string grows");
    }
    code
}

/// An id that is in no near pair: with it, and with no flags, nothing merges.
fn edge(near_pairs: &[(u32, u32, u32)]) -> u32 {
    let used: HashSet<u32> = near_pairs.iter().flat_map(|&(left, right, _)| [left, right]).collect();
    (0..NEAR_IDS).find(|id| !used.contains(id)).expect("some token of low id is in no near pair")
}

/// A count takes up to three digits for one token without looking.
fn check_digits(bytes: &[u32], merges: &Merges) {
    for width in 1..=3 {
        for number in 0..10u32.pow(width) {
            let digits = format!("{number:0width$}", width = width as usize);
            assert_eq!(merge(digits.as_bytes(), bytes, merges).len(), 1, "up to three digits are one token");
        }
    }
}

pub fn words(words: impl Iterator<Item = u32>) -> Vec<u8> {
    words.flat_map(u32::to_le_bytes).collect()
}

fn single_bytes(tokens: &[Vec<u8>]) -> Vec<u32> {
    let mut ids = vec![None; 256];
    for (id, token) in tokens.iter().enumerate() {
        if let [byte] = token[..] {
            ids[usize::from(byte)] = Some(id as u32);
        }
    }
    ids.into_iter().map(|id| id.expect("every byte is a token")).collect()
}

/// The two halves that each longer token is merged from. Merging is confined to the token's own bytes until the token
/// appears, so no other two halves can ever meet to form it; and a token that its own bytes do not reach would be found by a
/// whole-piece lookup only. There is none, which this checks: so the pairs alone are the whole vocabulary.
fn canonical(tokens: &[Vec<u8>], bytes: &[u32]) -> (Merges, Vec<(u32, u32, u32)>) {
    let mut merges = Merges::default();
    let mut halves = Vec::with_capacity(tokens.len());
    for (id, token) in tokens.iter().enumerate().filter(|(_, token)| token.len() > 1) {
        let parts = merge(token, bytes, &merges);
        let [left, right] = parts[..] else { panic!("token {id} is not reached from its bytes") };
        assert!(merges.insert((left, right), id as u32).is_none(), "token {id} is there twice");
        halves.push((left, right, id as u32));
    }
    (merges, halves)
}

/// Byte pair merging in its plainest form.
fn merge(piece: &[u8], bytes: &[u32], merges: &Merges) -> Vec<u32> {
    let mut parts: Vec<u32> = piece.iter().map(|&byte| bytes[usize::from(byte)]).collect();
    loop {
        let lowest = (1..parts.len())
            .filter_map(|at| merges.get(&(parts[at - 1], parts[at])).map(|&id| (id, at)))
            .min();
        let Some((id, at)) = lowest else { return parts };
        parts[at - 1] = id;
        parts.remove(at);
    }
}

/// The part of the vocabulary, from its start, whose words are in the set of words: later ones are too rare to pay for
/// their place.
const WORD_PERCENT: usize = 75;

/// The keys of the tokens that are a space and a word: the commonest whole pieces.
fn common_words(tokens: &[Vec<u8>]) -> Vec<u64> {
    let common = &tokens[..tokens.len() * WORD_PERCENT / 100];
    let words = common.iter().filter_map(|token| token.strip_prefix(b" "));
    // Two bytes have a table of their own, and what is no text is no piece.
    let words = words.filter(|word| word.len() > 1 && std::str::from_utf8(word).is_ok());
    let half = |word: &[u8], from: usize| {
        word.iter().skip(from).take(8).rev().fold(0, |half, &byte| half << 8 | u64::from(byte))
    };
    words.filter_map(|word| layout::words::key([half(word, 0), half(word, 8)], word.len())).collect()
}

/// Which two bytes are one token: a bit per pair, from the left byte's bits to the right one's.
fn byte_pairs(bytes: &[u32], merges: &Merges) -> Vec<u8> {
    let mut bits = vec![0; (256 * 256) / 8];
    for at in (0..256 * 256).filter(|at| merges.contains_key(&(bytes[at / 256], bytes[at % 256]))) {
        bits[at / 8] |= 1 << (at % 8);
    }
    bits
}

/// How many tokens each character of three bytes is by itself, two bits each, from U+0800 on.
fn char_counts(bytes: &[u32], merges: &Merges) -> Vec<u8> {
    let mut counts = vec![0u8; 0xF800 / 4];
    for code in 0x800..0x1_0000u32 {
        let Some(char) = char::from_u32(code) else { continue };
        let count = merge(char.to_string().as_bytes(), bytes, merges).len() as u8;
        let at = (code - 0x800) as usize;
        counts[at / 4] |= count << (at % 4 * 2);
    }
    counts
}

/// Between which two characters of three or four bytes some token reaches across.
struct Straddled {
    /// One bit per hashed pair of characters.
    pairs: Vec<u8>,
    /// For tokens that hold only a part of one of the two: per last byte of the left one, the first bytes of the right one.
    in_part: Vec<u32>,
}

impl Straddled {
    fn of(tokens: &[Vec<u8>]) -> Self {
        let mut found = Self { pairs: vec![0; 1 << (layout::STRADDLE_BITS - 3)], in_part: vec![0; 64] };
        let mut seen = HashSet::new();
        for token in tokens {
            for at in (1..token.len()).filter(|&at| token[at] >= WIDE) {
                let (before, after) = token.split_at(at);
                let start = before.iter().rposition(|byte| byte & 0xC0 != 0x80);
                match start.map(|start| &before[start..]) {
                    Some(left) if left[0] < WIDE => {}
                    Some(left) => match (whole(left), whole(after)) {
                        (Some(left), Some(right)) => {
                            seen.insert((left, right));
                        }
                        _ => found.mark_part(before[at - 1], after[0]),
                    },
                    None => found.mark_part(before[at - 1], after[0]),
                }
            }
        }
        for (left, right) in seen {
            let bit = layout::straddle(left, right);
            found.pairs[(bit / 8) as usize] |= 1 << (bit % 8);
        }
        found
    }

    fn mark_part(&mut self, left: u8, right: u8) {
        self.in_part[usize::from(left & 63)] |= 1 << (right & 31);
    }
}

/// The character that `bytes` begin with, if all of it is there.
fn whole(bytes: &[u8]) -> Option<u32> {
    let length = if bytes[0] < 0xF0 { 3 } else { 4 };
    let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
    text.chars().next().map(u32::from)
}
