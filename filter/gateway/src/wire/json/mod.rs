//! Bounded JSON: one strict pass over a text, and values that borrow from it.
//!
//! [`Document::parse`] accepts exactly RFC 8259 and refuses what two parsers may read differently: duplicate keys at
//! any depth, bytes that are not UTF-8, trailing bytes, nesting over [`DEPTH_MAX`]. A [`Value`] knows its span, so a
//! body can be patched without being written again, and a [`Str`] is copied from one text into another without being
//! unescaped. `serde_json` gives neither spans nor duplicate keys, hence this reader.

mod document;
mod parse;
mod scan;
mod text;
mod write;

pub use document::{Document, Kind, Value};
pub use scan::TopLevel;
pub use text::Str;
pub use write::{Array, Object, escape_into, write_number, write_string};

/// How deep arrays and objects may nest; the outermost is depth 1.
pub const DEPTH_MAX: usize = 64;
/// How many values (and object keys) one document may hold; bounds the memory per byte of text.
pub const NODES_MAX: usize = 1 << 20;
/// The largest text in bytes: spans are 32 bits wide.
pub const TEXT_BYTES_MAX: usize = 1 << 30;

/// Why a text is not a document, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Offset in bytes of the first byte that cannot be read.
    pub at: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a text that is not a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The grammar expects something else.
    Syntax,
    /// The text ends inside a value.
    Truncated,
    /// The bytes are not UTF-8.
    Encoding,
    /// A `\u` escape names half of a surrogate pair.
    LoneSurrogate,
    /// An object has the same key twice.
    DuplicateKey,
    /// More than [`DEPTH_MAX`] levels.
    TooDeep,
    /// More than [`NODES_MAX`] values, or a text over [`TEXT_BYTES_MAX`].
    TooLarge,
    /// Bytes follow the value.
    Trailing,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.fault {
            Fault::Syntax => "not valid JSON",
            Fault::Truncated => "JSON ends too early",
            Fault::Encoding => "not valid UTF-8",
            Fault::LoneSurrogate => "escape sequence is half of a surrogate pair",
            Fault::DuplicateKey => "duplicate key in a JSON object",
            Fault::TooDeep => "JSON nested more than 64 levels deep",
            Fault::TooLarge => "JSON holds too many values",
            Fault::Trailing => "bytes after the JSON value",
        };
        write!(f, "{what} at byte {}", self.at)
    }
}

#[cfg(test)]
mod tests;
