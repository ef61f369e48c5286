//! Token ids, and the way back: for tests and the command line.
//!
//! Encoding takes none of the shortcuts that counting takes (no recent pieces, no cuts), so each checks the other.

use crate::encoding::{Encoding, Visitor};
use crate::merge::{Merger, Sink};
use crate::special;
use crate::split::Split;
use crate::vocabulary::{self, Vocabulary};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What to do with text that spells a special token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialText {
    /// It is text like any other, as in everything a user wrote.
    Ordinary,
    /// It is the special token.
    Recognised,
}

/// Why ids could not be turned into text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The encoding has no token with this id.
    UnknownId(u32),
    /// The tokens are not whole characters.
    NotUtf8,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownId(id) => write!(formatter, "no token has the id {id}"),
            Self::NotUtf8 => formatter.write_str("the tokens are not whole characters"),
        }
    }
}

impl core::error::Error for DecodeError {}

impl Encoding {
    /// The ids of the tokens of `text`.
    pub fn encode(self, text: &str, special_text: SpecialText) -> Vec<u32> {
        let mut encoder = Encoder { ids: Vec::new(), merger: Merger::new() };
        let mut rest = text;
        if special_text == SpecialText::Recognised {
            while let Some((before, id, after)) = special::first_in(self, rest) {
                self.visit(Ordinary { text: before.as_bytes(), encoder: &mut encoder });
                encoder.ids.push(id);
                rest = after;
            }
        }
        self.visit(Ordinary { text: rest.as_bytes(), encoder: &mut encoder });
        encoder.ids
    }

    /// The bytes of the tokens with these ids, which need not be whole characters.
    pub fn decode_bytes(self, ids: &[u32]) -> Result<Vec<u8>, DecodeError> {
        let mut bytes = Vec::new();
        for &id in ids {
            if let Some(token) = self.visit(Bytes { id }) {
                bytes.extend_from_slice(token);
            } else {
                let text = self.special_text(id).ok_or(DecodeError::UnknownId(id))?;
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        Ok(bytes)
    }

    /// The text of the tokens with these ids.
    pub fn decode(self, ids: &[u32]) -> Result<String, DecodeError> {
        let bytes = self.decode_bytes(ids)?;
        core::str::from_utf8(&bytes).map(ToOwned::to_owned).map_err(|_| DecodeError::NotUtf8)
    }
}

/// Collects ids.
struct Encoder {
    ids: Vec<u32>,
    merger: Merger,
}

/// The ids are what a merge leaves behind.
struct Ids<'a>(&'a mut Vec<u32>);

impl Sink for Ids<'_> {
    fn take(&mut self, values: impl Iterator<Item = u32>) {
        self.0.extend(values.map(|value| value >> 2));
    }

    fn taken(&self) -> usize {
        self.0.len()
    }

    fn rewind(&mut self, taken: usize) {
        self.0.truncate(taken);
    }

    fn is_full(&self) -> bool {
        false
    }
}

/// Encodes ordinary text.
struct Ordinary<'a> {
    text: &'a [u8],
    encoder: &'a mut Encoder,
}

impl Visitor for Ordinary<'_> {
    type Output = ();

    fn visit<V: Vocabulary>(self) {
        let mut at = 0;
        while at < self.text.len() {
            let end = V::Split::next(self.text, at);
            let piece = self.text.get(at..end).unwrap_or_default();
            self.encoder.merger.merge::<V>(piece, &mut Ids(&mut self.encoder.ids));
            at = end;
        }
    }
}

/// The bytes of one token.
struct Bytes {
    id: u32,
}

impl Visitor for Bytes {
    type Output = Option<&'static [u8]>;

    fn visit<V: Vocabulary>(self) -> Option<&'static [u8]> {
        let at = self.id as usize;
        if at >= V::TEXT_ENDS.len() / 4 {
            return None;
        }
        let start = at.checked_sub(1).map_or(0, |before| vocabulary::word(V::TEXT_ENDS, before) as usize);
        V::TEXT.get(start..vocabulary::word(V::TEXT_ENDS, at) as usize)
    }
}
