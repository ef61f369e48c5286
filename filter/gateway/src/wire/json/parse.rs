//! The one pass: grammar, depth, duplicate keys, surrogates. No recursion; an explicit stack of open containers.

use super::document::{Document, Kind, Node};
use crate::wire::scan::plain_text;

use super::{DEPTH_MAX, Fault, Malformed, NODES_MAX, Str, TEXT_BYTES_MAX};

/// Objects with more members than this are checked for duplicates by sorting instead of pair by pair.
const PAIRWISE_MAX: usize = 32;

pub(super) struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    open: Vec<usize>,
    surrogates: Surrogates,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Surrogates {
    Paired,
    Any,
}

impl<'t> Parser<'t> {
    pub(super) fn strict(bytes: &'t [u8]) -> Result<Self, Malformed> {
        Self::new(bytes, Surrogates::Paired)
    }

    pub(super) fn lenient(bytes: &'t [u8]) -> Result<Self, Malformed> {
        Self::new(bytes, Surrogates::Any)
    }

    fn new(bytes: &'t [u8], surrogates: Surrogates) -> Result<Self, Malformed> {
        if bytes.len() > TEXT_BYTES_MAX {
            return Err(Malformed { at: TEXT_BYTES_MAX, fault: Fault::TooLarge });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Malformed { at: error.valid_up_to(), fault: Fault::Encoding })?;
        // Small texts are mostly structure, large ones mostly strings: this avoids growing for nearly all of both.
        let nodes = Vec::with_capacity((bytes.len() / 8).clamp(8, 1024));
        Ok(Self { text, bytes, at: 0, nodes, open: Vec::with_capacity(8), surrogates })
    }

    pub(super) fn document(mut self) -> Result<Document<'t>, Malformed> {
        self.blank();
        self.value()?;
        while !self.open.is_empty() {
            self.next_in_container()?;
        }
        self.blank();
        if self.at < self.bytes.len() {
            return Err(self.fault(Fault::Trailing));
        }
        Ok(Document::new(self.text, self.nodes))
    }

    /// Reads a scalar whole, or opens a container and reads up to its first element's value or its end.
    fn value(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.enter(Kind::Object),
            Some(b'[') => self.enter(Kind::Array),
            Some(b't') => self.word("true", Kind::True),
            Some(b'f') => self.word("false", Kind::False),
            Some(b'n') => self.word("null", Kind::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.fault(Fault::Syntax)),
            None => Err(self.fault(Fault::Truncated)),
        }
    }

    fn enter(&mut self, kind: Kind) -> Result<(), Malformed> {
        if self.open.len() >= DEPTH_MAX {
            return Err(self.fault(Fault::TooDeep));
        }
        let index = self.nodes.len();
        self.push(kind, self.at)?;
        self.open.push(index);
        self.step();
        Ok(())
    }

    /// Continues in the innermost open container: its end, or its next element.
    fn next_in_container(&mut self) -> Result<(), Malformed> {
        let Some(&container) = self.open.last() else { return Ok(()) };
        let Some(node) = self.nodes.get(container).copied() else { return Ok(()) };
        let first = self.nodes.len() == container.saturating_add(1);
        self.blank();
        let close = if node.kind == Kind::Object { b'}' } else { b']' };
        match self.peek() {
            Some(byte) if byte == close => return self.leave(container),
            Some(b',') if !first => {
                self.step();
                self.blank();
            }
            Some(_) if first => {}
            Some(_) => return Err(self.fault(Fault::Syntax)),
            None => return Err(self.fault(Fault::Truncated)),
        }
        if node.kind == Kind::Object {
            self.key()?;
        }
        self.value()
    }

    fn leave(&mut self, container: usize) -> Result<(), Malformed> {
        self.step();
        let after = self.nodes.len();
        let end = self.at;
        let mut is_object = false;
        if let Some(node) = self.nodes.get_mut(container) {
            // Both fit: the text and the number of nodes are bounded below 2³².
            node.end = end as u32;
            node.after = after as u32;
            is_object = node.kind == Kind::Object;
        }
        self.open.pop();
        if is_object { self.refuse_duplicates(container, after) } else { Ok(()) }
    }

    fn key(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(_) => return Err(self.fault(Fault::Syntax)),
            None => return Err(self.fault(Fault::Truncated)),
        }
        self.blank();
        match self.peek() {
            Some(b':') => self.step(),
            Some(_) => return Err(self.fault(Fault::Syntax)),
            None => return Err(self.fault(Fault::Truncated)),
        }
        self.blank();
        Ok(())
    }

    fn refuse_duplicates(&self, container: usize, after: usize) -> Result<(), Malformed> {
        let keys = || Keys { parser: self, next: container.saturating_add(1), after };
        let mut seen = 0u64;
        for (position, (key, at)) in keys().enumerate() {
            if position >= PAIRWISE_MAX {
                return refuse_duplicates_sorted(keys());
            }
            let mark = key.mark();
            if seen & mark != 0 && keys().take(position).any(|(earlier, _)| earlier.same_text(key)) {
                return Err(Malformed { at: at as usize, fault: Fault::DuplicateKey });
            }
            seen |= mark;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        self.step();
        let mut kind = Kind::Plain;
        loop {
            self.at = self.at.saturating_add(plain_text(self.bytes.get(self.at..).unwrap_or_default()));
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    kind = Kind::Escaped;
                    self.escape()?;
                }
                Some(_) => return Err(self.fault(Fault::Syntax)),
                None => return Err(self.fault(Fault::Truncated)),
            }
        }
        self.step();
        self.push(kind, start)
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        self.step();
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.step();
                Ok(())
            }
            Some(b'u') => {
                self.step();
                let unit = self.hex4()?;
                if self.surrogates == Surrogates::Any || !(0xD800..0xE000).contains(&unit) {
                    return Ok(());
                }
                self.low_half(start, unit)
            }
            Some(_) => Err(self.fault(Fault::Syntax)),
            None => Err(self.fault(Fault::Truncated)),
        }
    }

    /// The second half that the surrogate `unit` at `start` needs.
    fn low_half(&mut self, start: usize, unit: u32) -> Result<(), Malformed> {
        let lone = Malformed { at: start, fault: Fault::LoneSurrogate };
        if unit >= 0xDC00 || !self.bytes.get(self.at..).unwrap_or_default().starts_with(b"\\u") {
            return Err(lone);
        }
        self.at = self.at.saturating_add(2);
        if (0xDC00..0xE000).contains(&self.hex4()?) { Ok(()) } else { Err(lone) }
    }

    fn hex4(&mut self) -> Result<u32, Malformed> {
        let mut unit = 0u32;
        for _ in 0..4 {
            let digit = match self.peek() {
                Some(byte) => (byte as char).to_digit(16).ok_or(self.fault(Fault::Syntax))?,
                None => return Err(self.fault(Fault::Truncated)),
            };
            unit = unit << 4 | digit;
            self.step();
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.step();
        }
        match self.peek() {
            Some(b'0') => self.step(),
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.step();
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.step();
            if let Some(b'+' | b'-') = self.peek() {
                self.step();
            }
            self.digits()?;
        }
        self.push(Kind::Number, start)
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'0'..=b'9') => {}
            Some(_) => return Err(self.fault(Fault::Syntax)),
            None => return Err(self.fault(Fault::Truncated)),
        }
        while let Some(b'0'..=b'9') = self.peek() {
            self.step();
        }
        Ok(())
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<(), Malformed> {
        let start = self.at;
        for expected in word.bytes() {
            match self.peek() {
                Some(byte) if byte == expected => self.step(),
                Some(_) => return Err(self.fault(Fault::Syntax)),
                None => return Err(self.fault(Fault::Truncated)),
            }
        }
        self.push(kind, start)
    }

    /// Adds a node from `start` to where the reader stands.
    fn push(&mut self, kind: Kind, start: usize) -> Result<(), Malformed> {
        let index = self.nodes.len();
        if index >= NODES_MAX {
            return Err(self.fault(Fault::TooLarge));
        }
        // All three fit: the text is under 2³⁰ bytes and there are at most 2²⁰ nodes.
        self.nodes.push(Node {
            kind,
            start: start as u32,
            end: self.at as u32,
            after: index.saturating_add(1) as u32,
        });
        Ok(())
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.step();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn fault(&self, fault: Fault) -> Malformed {
        Malformed { at: self.at, fault }
    }
}

fn refuse_duplicates_sorted(keys: Keys<'_, '_>) -> Result<(), Malformed> {
    let mut sorted: Vec<_> = keys.map(|(key, at)| (key.decode(), at)).collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| matches!(pair, [a, b] if a.0 == b.0)) {
        Some([_, (_, at)]) => Err(Malformed { at: *at as usize, fault: Fault::DuplicateKey }),
        _ => Ok(()),
    }
}

/// The keys of one object with their offsets.
struct Keys<'p, 't> {
    parser: &'p Parser<'t>,
    next: usize,
    after: usize,
}

impl<'t> Iterator for Keys<'_, 't> {
    type Item = (Str<'t>, u32);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.after {
            return None;
        }
        let key = self.parser.nodes.get(self.next)?;
        let value = self.parser.nodes.get(self.next.saturating_add(1))?;
        self.next = value.after as usize;
        let inner = (key.start as usize).saturating_add(1)..(key.end as usize).saturating_sub(1);
        Some((Str::new(self.parser.text.get(inner)?, key.kind == Kind::Escaped), key.start))
    }
}
