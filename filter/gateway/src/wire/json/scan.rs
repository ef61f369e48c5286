//! Finding a few top-level members of a JSON object that passes by in pieces, without holding it.

use crate::wire::scan::plain_text;

/// How long a key may be to be compared at all.
const KEY_BYTES_MAX: usize = 64;

/// Watches an object go by and keeps the raw values of the members it was asked for, without blanks around tokens.
///
/// The result does not depend on how the text was cut. The text is not checked: what is not JSON gives no values or
/// meaningless ones, which is for the reader of the values to notice. Keys are compared as written, without unescaping.
#[derive(Debug)]
pub struct TopLevel {
    wanted: &'static [&'static str],
    value_bytes_max: usize,
    found: Vec<(&'static str, Vec<u8>)>,
    depth: u32,
    place: Place,
    /// Inside a string, and whether the last byte was an unpaired backslash.
    string: Option<Escape>,
    key: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    No,
    Yes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before or inside a key of the outermost object.
    Key,
    /// In the value of a member nobody asked for, or outside the object.
    Elsewhere,
    /// In the value of a member that is kept: the last one of `found`.
    Wanted,
}

impl TopLevel {
    /// Watches for the members `wanted`, each kept up to `value_bytes_max` bytes; a longer value is dropped.
    pub fn new(wanted: &'static [&'static str], value_bytes_max: usize) -> Self {
        let (found, key) = (Vec::new(), Vec::new());
        Self { wanted, value_bytes_max, found, depth: 0, place: Place::Elsewhere, string: None, key }
    }

    /// Reads the next piece of the text.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut at = 0usize;
        while let Some(&byte) = bytes.get(at) {
            if self.string == Some(Escape::No) {
                let run = plain_text(bytes.get(at..).unwrap_or_default());
                if run > 0 {
                    let text = bytes.get(at..at.saturating_add(run)).unwrap_or_default();
                    self.keep(text);
                    at = at.saturating_add(run);
                    continue;
                }
            }
            match self.string {
                Some(state) => self.in_string(byte, state),
                None => self.between(byte),
            }
            at = at.saturating_add(1);
        }
    }

    /// The raw value of `name`, if it has gone by whole.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let unfinished = usize::from(self.place == Place::Wanted);
        let whole = self.found.len().saturating_sub(unfinished);
        self.found.iter().take(whole).find(|(key, _)| *key == name).map(|(_, value)| value.as_slice())
    }

    fn in_string(&mut self, byte: u8, state: Escape) {
        let at_key = self.place == Place::Key && self.depth == 1;
        if state == Escape::No && byte == b'"' {
            self.string = None;
            if !at_key {
                self.keep(b"\"");
            }
            return;
        }
        self.string = Some(if state == Escape::No && byte == b'\\' { Escape::Yes } else { Escape::No });
        self.keep(&[byte]);
    }

    fn between(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.string = Some(Escape::No);
                if self.place == Place::Key {
                    self.key.clear();
                    return;
                }
            }
            b'{' | b'[' => {
                self.depth = self.depth.saturating_add(1);
                if self.depth == 1 {
                    self.place = if byte == b'{' { Place::Key } else { Place::Elsewhere };
                    return;
                }
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.place = Place::Elsewhere;
                    return;
                }
            }
            b',' if self.depth == 1 => {
                self.place = Place::Key;
                return;
            }
            b':' if self.depth == 1 && self.place == Place::Key => {
                self.begin_value();
                return;
            }
            _ => {}
        }
        if self.place == Place::Wanted && !byte.is_ascii_whitespace() {
            self.keep(&[byte]);
        }
    }

    fn begin_value(&mut self) {
        let key = self.key.as_slice();
        self.place = match self.wanted.iter().find(|name| name.as_bytes() == key) {
            // The first one counts, so what is kept is bounded however often a key comes.
            Some(name) if self.found.iter().all(|(known, _)| known != name) => {
                self.found.push((name, Vec::new()));
                Place::Wanted
            }
            Some(_) | None => Place::Elsewhere,
        };
    }

    fn keep(&mut self, bytes: &[u8]) {
        let (buffer, bytes_max) = match self.place {
            Place::Key => (&mut self.key, KEY_BYTES_MAX),
            Place::Wanted => match self.found.last_mut() {
                Some((_, value)) => (value, self.value_bytes_max),
                None => return,
            },
            Place::Elsewhere => return,
        };
        if buffer.len().saturating_add(bytes.len()) <= bytes_max {
            buffer.extend_from_slice(bytes);
            return;
        }
        // Too long: a key this long is none we look for and stays so, and a value this long is given up.
        match self.place {
            Place::Key => self.key.resize(KEY_BYTES_MAX.saturating_add(1), 0),
            Place::Wanted => {
                self.found.pop();
                self.place = Place::Elsewhere;
            }
            Place::Elsewhere => {}
        }
    }
}
