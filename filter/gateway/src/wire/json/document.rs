//! A parsed text as a flat list of nodes, and the cursor that reads it.

use super::parse::Parser;
use super::{Malformed, Str};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
    /// A number, kept as it was written.
    Number,
    /// A string without an escape sequence.
    Plain,
    /// A string with at least one escape sequence.
    Escaped,
    /// An array.
    Array,
    /// An object; its nodes are key, value, key, value …
    Object,
}

/// One value or key. Containers come before what they hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Offset of the first byte, quotes and brackets included.
    pub(super) start: u32,
    /// Offset behind the last byte.
    pub(super) end: u32,
    /// Index of the first node that is not inside this one.
    pub(super) after: u32,
}

/// A text that was read once and found to be one JSON value.
#[derive(Debug)]
pub struct Document<'t> {
    text: &'t str,
    nodes: Vec<Node>,
}

impl<'t> Document<'t> {
    /// Reads `bytes` strictly: what a client sends. See the module for what is refused.
    pub fn parse(bytes: &'t [u8]) -> Result<Self, Malformed> {
        Parser::strict(bytes)?.document()
    }

    /// `given`, if somebody has read `bytes` already; otherwise `bytes` are [parsed](Document::parse) and kept in `place`.
    pub fn given_or_parsed<'d>(
        given: Option<&'d Self>,
        bytes: &'t [u8],
        place: &'d mut Option<Self>,
    ) -> Result<&'d Self, Malformed> {
        match given {
            Some(document) => Ok(document),
            None => Ok(place.insert(Self::parse(bytes)?)),
        }
    }

    /// Reads `bytes` as [`Document::parse`] does, but lets half surrogate escapes pass: what a provider
    /// sends. They read as U+FFFD and are copied as they were written.
    pub fn parse_reply(bytes: &'t [u8]) -> Result<Self, Malformed> {
        Parser::lenient(bytes)?.document()
    }

    pub(super) fn new(text: &'t str, nodes: Vec<Node>) -> Self {
        Self { text, nodes }
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value { text: self.text, nodes: &self.nodes, index: 0 }
    }
}

/// A value inside a document: small, and copied freely.
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    text: &'d str,
    nodes: &'d [Node],
    index: usize,
}

impl<'d> Value<'d> {
    fn node(self) -> Node {
        // A cursor is only made for an index that exists; the fallback keeps this total.
        self.nodes.get(self.index).copied().unwrap_or(Node {
            kind: Kind::Null,
            start: 0,
            end: 0,
            after: u32::MAX,
        })
    }

    /// What the value is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Where the value stands in the text, in bytes, quotes and brackets included.
    pub fn span(self) -> std::ops::Range<usize> {
        let node = self.node();
        node.start as usize..node.end as usize
    }

    /// The value as it was written.
    pub fn raw(self) -> &'d str {
        self.text.get(self.span()).unwrap_or("null")
    }

    /// The member named `key`, if this is an object that has it.
    pub fn get(self, key: &str) -> Option<Value<'d>> {
        self.entries().find(|(name, _)| name.is(key)).map(|(_, value)| value)
    }

    /// As [`Value::get`], but a `null` member counts as missing, which is how providers read optional fields.
    pub fn field(self, key: &str) -> Option<Value<'d>> {
        self.get(key).filter(|value| !value.is_null())
    }

    /// The members of an object in their order; nothing for any other kind.
    pub fn entries(self) -> impl Iterator<Item = (Str<'d>, Value<'d>)> {
        let mut children = self.children(Kind::Object);
        std::iter::from_fn(move || {
            let key = children.next()?;
            let value = children.next()?;
            Some((key.as_str()?, value))
        })
    }

    /// The elements of an array in their order; nothing for any other kind.
    pub fn items(self) -> impl Iterator<Item = Value<'d>> {
        self.children(Kind::Array)
    }

    fn children(self, of: Kind) -> Children<'d> {
        let node = self.node();
        let end = if node.kind == of { node.after as usize } else { 0 };
        Children { parent: self, next: self.index.saturating_add(1), end }
    }

    /// The string, if this is one.
    pub fn as_str(self) -> Option<Str<'d>> {
        let node = self.node();
        let escaped = match node.kind {
            Kind::Plain => false,
            Kind::Escaped => true,
            Kind::Null | Kind::True | Kind::False | Kind::Number | Kind::Array | Kind::Object => return None,
        };
        let inner = (node.start as usize).saturating_add(1)..(node.end as usize).saturating_sub(1);
        Some(Str::new(self.text.get(inner)?, escaped))
    }

    /// The truth value, if this is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            Kind::Null | Kind::Number | Kind::Plain | Kind::Escaped | Kind::Array | Kind::Object => None,
        }
    }

    /// The number as a whole one from 0 to 2⁶⁴−1, if it is written so that it is one (`5`, also `5.0`).
    pub fn as_u64(self) -> Option<u64> {
        let text = self.as_number()?;
        text.parse().ok().or_else(|| text.strip_suffix(".0")?.parse().ok())
    }

    /// The number as it was written, if this is one.
    pub fn as_number(self) -> Option<&'d str> {
        (self.kind() == Kind::Number).then(|| self.raw())
    }

    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether this is an object.
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// Whether this is an array.
    pub fn is_array(self) -> bool {
        self.kind() == Kind::Array
    }
}

struct Children<'d> {
    parent: Value<'d>,
    next: usize,
    end: usize,
}

impl<'d> Iterator for Children<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        if self.next >= self.end {
            return None;
        }
        let value = Value { index: self.next, ..self.parent };
        // `after` always lies behind the node itself, so this ends.
        self.next = (value.node().after as usize).max(self.next.saturating_add(1));
        Some(value)
    }
}
