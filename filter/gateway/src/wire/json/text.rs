//! A JSON string as it stands in a document: what is between the quotes, unescaped only when somebody asks.

use std::borrow::Cow;

/// The inside of a JSON string that was read and found valid.
#[derive(Clone, Copy, Debug)]
pub struct Str<'d> {
    raw: &'d str,
    escaped: bool,
}

impl<'d> Str<'d> {
    pub(super) fn new(raw: &'d str, escaped: bool) -> Self {
        Self { raw, escaped }
    }

    /// What stands between the quotes, escapes included: valid inside the quotes of any JSON text.
    pub fn raw(self) -> &'d str {
        self.raw
    }

    /// The text itself. Half surrogate pairs read as U+FFFD.
    pub fn decode(self) -> Cow<'d, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }

    /// Whether the text is `text`.
    pub fn is(self, text: &str) -> bool {
        if self.escaped { self.decode() == text } else { self.raw == text }
    }

    /// Whether the text is empty.
    pub fn is_empty(self) -> bool {
        self.raw.is_empty()
    }

    /// The text before and behind the first `delimiter`, both still escaped as they were written. Only for a delimiter
    /// that no escape sequence contains (`:`, `,`, `;` and the like); one that was itself written as `\u…` is not found.
    pub fn split_once(self, delimiter: char) -> Option<(Str<'d>, Str<'d>)> {
        if delimiter.is_ascii_alphanumeric() || matches!(delimiter, '"' | '\\' | '/') {
            return None;
        }
        let (before, behind) = self.raw.split_once(delimiter)?;
        Some((Str::new(before, self.escaped), Str::new(behind, self.escaped)))
    }

    /// A few bits that equal texts have in common, and different ones rarely: all, if the text has to be unescaped.
    pub(super) fn mark(self) -> u64 {
        let (first, last) = match self.raw.as_bytes() {
            _ if self.escaped => return u64::MAX,
            [] => return 1,
            [only] => (*only, *only),
            [first, .., last] => (*first, *last),
        };
        let mixed = usize::from(first).wrapping_mul(5) ^ usize::from(last).wrapping_mul(11) ^ self.raw.len();
        1u64 << (mixed & 63)
    }

    pub(super) fn same_text(self, other: Str<'_>) -> bool {
        if self.escaped || other.escaped { self.decode() == other.decode() } else { self.raw == other.raw }
    }
}

fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let mut letters = rest.chars();
        let letter = letters.next();
        rest = letters.as_str();
        match letter {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                let (letter, used) = unicode(rest);
                text.push(letter);
                rest = rest.get(used..).unwrap_or_default();
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
    text.push_str(rest);
    text
}

/// The character that `rest`, standing behind `\u`, begins with, and how many bytes it takes.
fn unicode(rest: &str) -> (char, usize) {
    let Some(unit) = hex4(rest) else { return (char::REPLACEMENT_CHARACTER, 4) };
    if let Some(letter) = char::from_u32(unit) {
        return (letter, 4);
    }
    let low = rest.get(4..).and_then(|rest| rest.strip_prefix("\\u")).and_then(hex4);
    match low {
        Some(low) if unit < 0xDC00 && (0xDC00..0xE000).contains(&low) => {
            let point = 0x1_0000u32.saturating_add((unit & 0x3FF) << 10 | low & 0x3FF);
            (char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER), 10)
        }
        _ => (char::REPLACEMENT_CHARACTER, 4),
    }
}

fn hex4(text: &str) -> Option<u32> {
    u32::from_str_radix(text.get(..4)?, 16).ok()
}
