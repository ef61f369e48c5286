//! The characters with which a merge may start instead of with their bytes, because it makes no difference.
//!
//! These are the characters whose bytes merge to one token before any of them, or what they merge to on the way, can merge
//! with anything outside. As long as the bytes are not one token, a merge of at most the token's rank is open, so the merge
//! that is made has no higher rank; and every merge with something outside has one. What stands outside is known in part: the
//! byte before the character, and that what follows does not begin in the middle of a character.

use crate::layout;
use crate::vocabulary::Merges;
use std::collections::BTreeSet;

/// Per token, what merges with it: the byte that is nearest, and the rank.
type Beside = Vec<Vec<(u8, u32)>>;

/// With what tokens merge that is outside of a character.
pub struct Ready {
    /// As right half, and the last byte of the left one.
    before: Beside,
    /// As left half, and the first byte of the right one.
    behind: Beside,
}

impl Ready {
    /// `halves` are (left, right, merged).
    pub fn of(tokens: &[Vec<u8>], halves: &[(u32, u32, u32)]) -> Self {
        let mut found =
            Self { before: vec![Vec::new(); tokens.len()], behind: vec![Vec::new(); tokens.len()] };
        for &(left, right, id) in halves {
            assert!(id > left && id > right, "merges come in the order of their ranks");
            if let Some(&last) = tokens[left as usize].last() {
                found.before[right as usize].push((last, id));
            }
            if let Some(&first) = tokens[right as usize].first().filter(|&first| first & 0xC0 != 0x80) {
                found.behind[left as usize].push((first, id));
            }
        }
        found
    }

    /// The token of a character of two bytes, if it is ready whatever follows and whatever stands before it but for a space
    /// and one other byte; and that byte, or again a space if there is none.
    pub fn two_bytes(&self, code: u32, bytes: &[u32], merges: &Merges) -> Option<(u32, u8)> {
        let way = Way::of(&char_bytes(code)?, bytes, merges)?;
        let not_after = self.not_after(&way);
        let is_ready = not_after.len() <= 1 && self.not_before(&way).is_empty();
        is_ready.then(|| (way.id, not_after.first().copied().unwrap_or(b' ')))
    }

    /// The token of a space and a character of two bytes, if it is ready at the start of a piece whatever follows.
    pub fn spaced(&self, code: u32, bytes: &[u32], merges: &Merges) -> Option<u32> {
        let way = Way::of(&[b" ", &char_bytes(code)?[..]].concat(), bytes, merges)?;
        self.not_before(&way).is_empty().then_some(way.id)
    }

    /// For each 64 characters of up to three bytes, which are ready for some follower, and how many are before them; and for
    /// each that is, its token below the followers for which it is.
    pub fn three_bytes(
        &self,
        bytes: &[u32],
        merges: &Merges,
        flagged: impl Fn(u32) -> u32,
    ) -> (Vec<u8>, Vec<u32>) {
        let (mut blocks, mut chars) = (Vec::new(), Vec::new());
        for block in 0..0x1_0000 / 64u32 {
            let first = u16::try_from(chars.len()).expect("fewer than 65,536 characters");
            let mut ready = 0u64;
            for bit in 0..64 {
                let char = char_bytes(block * 64 + bit).filter(|char| char.len() == 3);
                let Some(way) = char.and_then(|char| Way::of(&char, bytes, merges)) else { continue };
                let followers = self.followers(&way);
                if followers != 0 {
                    ready |= 1 << bit;
                    chars.push(flagged(way.id) | followers << 20);
                }
            }
            blocks.extend(ready.to_le_bytes());
            blocks.extend(first.to_le_bytes());
        }
        (blocks, chars)
    }

    /// The kinds of followers for which a character is ready, a bit each.
    fn followers(&self, way: &Way) -> u32 {
        if !self.not_after(way).is_empty() {
            return 0;
        }
        let kinds = self.not_before(way).into_iter().map(|byte| layout::follower(Some(byte)));
        kinds.fold((1 << 12) - 1, |followers, kind| followers & !(1 << kind))
    }

    /// The bytes, but for a space, after which something merges with the character too early.
    fn not_after(&self, way: &Way) -> BTreeSet<u8> {
        let mut bytes = too_early(&self.before, &way.firsts, way.id);
        bytes.remove(&b' ');
        bytes
    }

    /// The bytes before which something merges with the character too early.
    fn not_before(&self, way: &Way) -> BTreeSet<u8> {
        too_early(&self.behind, &way.lasts, way.id)
    }
}

/// The bytes beside which one of the tokens merges no later than at a rank.
fn too_early(beside: &Beside, tokens: &[u32], rank: u32) -> BTreeSet<u8> {
    let merges = tokens.iter().flat_map(|&token| &beside[token as usize]);
    merges.filter(|&&(_, id)| id <= rank).map(|&(byte, _)| byte).collect()
}

fn char_bytes(code: u32) -> Option<Vec<u8>> {
    Some(char::from_u32(code)?.to_string().into_bytes())
}

/// How some bytes become one token.
struct Way {
    id: u32,
    /// What the first bytes are on the way, and the token itself.
    firsts: Vec<u32>,
    /// What the last bytes are on the way, and the token itself.
    lasts: Vec<u32>,
}

impl Way {
    fn of(text: &[u8], bytes: &[u32], merges: &Merges) -> Option<Self> {
        let mut parts: Vec<u32> = text.iter().map(|&byte| bytes[usize::from(byte)]).collect();
        let (mut firsts, mut lasts) = (Vec::new(), Vec::new());
        loop {
            firsts.extend(parts.first());
            lasts.extend(parts.last());
            if let [id] = parts[..] {
                return Some(Self { id, firsts, lasts });
            }
            let (id, at) = (1..parts.len())
                .filter_map(|at| merges.get(&(parts[at - 1], parts[at])).map(|&id| (id, at)))
                .min()?;
            parts[at - 1] = id;
            parts.remove(at);
        }
    }
}
