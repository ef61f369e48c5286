//! The special tokens: ids that no text merges to, and how they are spelt.

use crate::Encoding;
use alloc::borrow::Cow;
use alloc::format;

/// Spelt `<|reserved_N|>` where N is the id.
const RESERVED: [core::ops::RangeInclusive<u32>; 4] =
    [200_000..=200_001, 200_004..=200_004, 200_009..=200_011, 200_013..=201_087];

const HARMONY: [(&str, u32); 9] = [
    ("<|startoftext|>", 199_998),
    ("<|endoftext|>", 199_999),
    ("<|return|>", 200_002),
    ("<|constrain|>", 200_003),
    ("<|channel|>", 200_005),
    ("<|start|>", 200_006),
    ("<|end|>", 200_007),
    ("<|message|>", 200_008),
    ("<|call|>", 200_012),
];

const O200K: [(&str, u32); 2] = [("<|endoftext|>", 199_999), ("<|endofprompt|>", 200_018)];

const CL100K: [(&str, u32); 5] = [
    ("<|endoftext|>", 100_257),
    ("<|fim_prefix|>", 100_258),
    ("<|fim_middle|>", 100_259),
    ("<|fim_suffix|>", 100_260),
    ("<|endofprompt|>", 100_276),
];

fn named(encoding: Encoding) -> &'static [(&'static str, u32)] {
    match encoding {
        Encoding::O200kBase => &O200K,
        Encoding::O200kHarmony => &HARMONY,
        Encoding::Cl100kBase => &CL100K,
    }
}

fn is_reserved(encoding: Encoding, id: u32) -> bool {
    encoding == Encoding::O200kHarmony && RESERVED.iter().any(|range| range.contains(&id))
}

impl Encoding {
    /// The id of a special token by its whole spelling, as `<|endoftext|>`.
    pub fn special_id(self, text: &str) -> Option<u32> {
        if let Some((_, id)) = named(self).iter().find(|(name, _)| *name == text) {
            return Some(*id);
        }
        let digits = text.strip_prefix("<|reserved_")?.strip_suffix("|>")?;
        let id = digits.parse().ok()?;
        // All the numbers have six digits: no sign, no leading zero.
        (digits.len() == 6 && is_reserved(self, id)).then_some(id)
    }

    /// The spelling of a special token.
    pub fn special_text(self, id: u32) -> Option<Cow<'static, str>> {
        if let Some((name, _)) = named(self).iter().find(|(_, named)| *named == id) {
            return Some(Cow::Borrowed(name));
        }
        is_reserved(self, id).then(|| Cow::Owned(format!("<|reserved_{id}|>")))
    }
}

/// The first special token in `text`: what stands before it, its id, and what follows.
#[cfg(feature = "encode")]
pub(crate) fn first_in(encoding: Encoding, text: &str) -> Option<(&str, u32, &str)> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find("<|") {
        let start = from + found;
        let rest = text.get(start..)?;
        // The spelling ends with the first closing bar: no name holds one.
        let end = rest.find("|>")? + 2;
        if let Some(id) = rest.get(..end).and_then(|name| encoding.special_id(name)) {
            return Some((text.get(..start)?, id, rest.get(end..)?));
        }
        from = start + 2;
    }
    None
}
