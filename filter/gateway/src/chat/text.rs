//! Text that is on its way from one JSON document into another.

use std::borrow::Cow;

use crate::wire::json::{Str, escape_into};

/// A piece of text: as it stands in a document, or made by the gateway.
#[derive(Clone, Debug)]
pub enum Text<'d> {
    /// The inside of a JSON string; copied into another JSON text as it is.
    Json(Str<'d>),
    /// The text itself; escaped when written.
    Plain(Cow<'d, str>),
}

impl<'d> Text<'d> {
    /// A text that the gateway made.
    pub fn owned(text: String) -> Self {
        Text::Plain(Cow::Owned(text))
    }

    /// The text itself, unescaped.
    pub fn plain(&self) -> Cow<'_, str> {
        match self {
            Text::Json(text) => text.decode(),
            Text::Plain(text) => Cow::Borrowed(text),
        }
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        match self {
            Text::Json(text) => text.is_empty(),
            Text::Plain(text) => text.is_empty(),
        }
    }

    /// Writes the text as a JSON string, quotes included.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        self.write_inside(out);
        out.push(b'"');
    }

    /// Writes the text as it stands inside the quotes of a JSON string, so that several can be joined.
    pub fn write_inside(&self, out: &mut Vec<u8>) {
        match self {
            Text::Json(text) => out.extend_from_slice(text.raw().as_bytes()),
            Text::Plain(text) => escape_into(out, text),
        }
    }
}

impl<'d> From<Str<'d>> for Text<'d> {
    fn from(text: Str<'d>) -> Self {
        Text::Json(text)
    }
}

impl<'d> From<&'d str> for Text<'d> {
    fn from(text: &'d str) -> Self {
        Text::Plain(Cow::Borrowed(text))
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.plain() == other.plain()
    }
}
