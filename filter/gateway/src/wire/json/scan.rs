//! Finding a few top-level members of a JSON object that passes by in pieces, without holding it.

use crate::wire::scan::plain_text;

/// How long a key may be to be compared at all.
const KEY_BYTES_MAX: usize = 64;

/// Watches an object go by and keeps the raw values of the members it was asked for.
///
/// The result does not depend on how the text was cut. The text is not checked: what is not JSON gives no values or
/// meaningless ones, which is for the reader of the values to notice. Keys are compared as written, without unescaping.
#[derive(Debug)]
pub struct TopLevel {
    wanted: &'static [&'static str],
    value_bytes_max: usize,
    found: Vec<(&'static str, Vec<u8>)>,
    depth: u32,
    /// Whether the outermost value is an object; an array has no members.
    in_object: bool,
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
        Self {
            wanted,
            value_bytes_max,
            found,
            depth: 0,
            in_object: false,
            place: Place::Elsewhere,
            string: None,
            key,
        }
    }

    /// Reads the next piece of the text.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let used = match self.place {
                Place::Key => self.key_part(rest),
                Place::Elsewhere | Place::Wanted => self.value_part(rest),
            };
            rest = rest.get(used.max(1)..).unwrap_or_default();
        }
    }

    /// The raw value of `name`, if it has gone by whole.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let unfinished = usize::from(self.place == Place::Wanted);
        let whole = self.found.len().saturating_sub(unfinished);
        self.found.iter().take(whole).find(|(key, _)| *key == name).map(|(_, value)| value.trim_ascii())
    }

    /// Reads on before or inside a key of the outermost object; returns how many bytes that took.
    fn key_part(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0usize;
        if self.string.is_some() {
            let (used, state) = string_part(bytes, self.string.unwrap_or(Escape::No));
            self.string = state;
            let closed = usize::from(state.is_none());
            self.keep(bytes.get(..used.saturating_sub(closed)).unwrap_or_default());
            at = used;
        }
        while let Some(&byte) = bytes.get(at) {
            at = at.saturating_add(1);
            match byte {
                b'"' => {
                    self.key.clear();
                    self.string = Some(Escape::No);
                    return at;
                }
                b':' => {
                    self.begin_value();
                    return at;
                }
                b'}' | b']' => {
                    (self.depth, self.place) = (0, Place::Elsewhere);
                    return at;
                }
                _ => {}
            }
        }
        at
    }

    /// Reads on in a value, or outside the object; returns how many bytes that took.
    fn value_part(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0usize;
        if let Some(state) = self.string {
            (at, self.string) = string_part(bytes, state);
        }
        let mut end = bytes.len();
        while let Some(&byte) = bytes.get(at) {
            let here = at;
            at = at.saturating_add(1);
            match byte {
                b'"' => {
                    let (used, state) = string_part(bytes.get(at..).unwrap_or_default(), Escape::No);
                    self.string = state;
                    at = at.saturating_add(used);
                }
                b'{' | b'[' => {
                    self.depth = self.depth.saturating_add(1);
                    if self.depth == 1 {
                        self.in_object = byte == b'{';
                        self.place = if self.in_object { Place::Key } else { Place::Elsewhere };
                        return at;
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        end = here;
                        break;
                    }
                }
                b',' if self.depth == 1 && self.in_object => {
                    end = here;
                    break;
                }
                _ => {}
            }
        }
        self.keep(bytes.get(..end).unwrap_or_default());
        if end < bytes.len() {
            self.place = if self.depth == 0 { Place::Elsewhere } else { Place::Key };
        }
        at
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

/// Reads on inside a string, behind its quote; returns how many bytes that took, the closing quote included, and the
/// state that is left unless the string has ended.
fn string_part(bytes: &[u8], state: Escape) -> (usize, Option<Escape>) {
    let mut at = usize::from(state == Escape::Yes);
    loop {
        at = at.saturating_add(plain_text(bytes.get(at..).unwrap_or_default()));
        match (bytes.get(at), bytes.get(at.saturating_add(1))) {
            (None, _) => return (bytes.len(), Some(Escape::No)),
            (Some(b'"'), _) => return (at.saturating_add(1), None),
            (Some(b'\\'), None) => return (bytes.len(), Some(Escape::Yes)),
            (Some(b'\\'), Some(_)) => at = at.saturating_add(2),
            // A control character, which no string may hold; what is not JSON is not judged here.
            (Some(_), _) => at = at.saturating_add(1),
        }
    }
}
