//! Calls of tools that come interleaved, put one behind the other.
//!
//! Other dialects may begin a second call before the first is told whole; Anthropic's blocks come one at a time. A
//! call that begins while another is open waits, and what it is told is held back up to a bound. To tell when the
//! open one is whole, its arguments are followed just far enough to see their last bracket. What is said between the
//! pieces of a call waits too, until no call is open.

use crate::chat::Text;

/// The most bytes of waiting calls, and of what is said meanwhile, that are held back in one stream.
pub(super) const HELD_BYTES_MAX: usize = 1 << 20;
/// What a waiting call counts beside its texts.
const CALL_BYTES: usize = 64;

/// Follows JSON text and sees where its outermost bracket closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    depth: u32,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Nothing but white space was met.
    #[default]
    Before,
    Outside,
    String,
    Escape,
    Done,
}

impl Scan {
    /// Whether the text so far is a whole object or array.
    pub(super) fn is_whole(self) -> bool {
        self.place == Place::Done
    }

    /// Whether there was nothing to be read yet.
    pub(super) fn is_blank(self) -> bool {
        self.place == Place::Before
    }

    /// Reads on.
    pub(super) fn feed(&mut self, text: &Text<'_>) {
        let raw = match text {
            Text::Plain(text) => return text.bytes().for_each(|byte| self.step(byte)),
            Text::Json(text) => text.raw(),
        };
        let mut bytes = raw.bytes();
        while let Some(byte) = bytes.next() {
            if byte != b'\\' {
                self.step(byte);
                continue;
            }
            match bytes.next() {
                Some(b'u') => {
                    let unit = bytes
                        .by_ref()
                        .take(4)
                        .fold(0u32, |unit, digit| unit << 4 | (digit as char).to_digit(16).unwrap_or(0));
                    // What is not ASCII is neither a bracket nor a quote.
                    self.step(u8::try_from(unit).unwrap_or(b'?'));
                }
                Some(b'n' | b'r' | b't' | b'b' | b'f') => self.step(b' '),
                Some(byte) => self.step(byte),
                None => {}
            }
        }
    }

    fn step(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::Before, b' ' | b'\n' | b'\r' | b'\t') => Place::Before,
            (Place::Before | Place::Outside, b'"') => Place::String,
            (Place::Before | Place::Outside, b'{' | b'[') => {
                self.depth = self.depth.saturating_add(1);
                Place::Outside
            }
            (Place::Before | Place::Outside, b'}' | b']') => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 { Place::Done } else { Place::Outside }
            }
            (Place::String, b'"') => Place::Outside,
            (Place::String, b'\\') => Place::Escape,
            (Place::Escape, _) => Place::String,
            (Place::Before, _) => Place::Outside,
            (place @ (Place::Outside | Place::String | Place::Done), _) => place,
        };
    }
}

/// A call that waits for the open one to end.
#[derive(Debug)]
pub(super) struct Held {
    /// Its number.
    pub(super) call: u32,
    /// Its id.
    pub(super) id: String,
    /// The tool's name.
    pub(super) name: String,
    /// The arguments so far.
    pub(super) json: String,
}

/// What was said while a call was being told.
#[derive(Debug)]
pub(super) enum Said {
    /// Text.
    Text(String),
    /// Thinking.
    Thinking(String),
}

/// What became of something that was to be held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is held.
    Yes,
    /// It belongs to no waiting call.
    Unknown,
    /// It is more than [`HELD_BYTES_MAX`].
    TooMuch,
}

/// The calls that wait, in the order they began, and what was said meanwhile.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    calls: Vec<Held>,
    said: Vec<Said>,
    bytes: usize,
}

impl Waiting {
    /// A call begins.
    pub(super) fn begin(&mut self, call: u32, id: &Text<'_>, name: &Text<'_>) -> Kept {
        let (id, name) = (id.plain().into_owned(), name.plain().into_owned());
        let kept = self.count(id.len().saturating_add(name.len()).saturating_add(CALL_BYTES));
        if kept == Kept::Yes {
            self.calls.push(Held { call, id, name, json: String::new() });
        }
        kept
    }

    /// A waiting call goes on.
    pub(super) fn extend(&mut self, call: u32, json: &Text<'_>) -> Kept {
        let json = json.plain();
        if !self.calls.iter().any(|held| held.call == call) {
            return Kept::Unknown;
        }
        let kept = self.count(json.len());
        if let (Kept::Yes, Some(held)) = (kept, self.calls.iter_mut().find(|held| held.call == call)) {
            held.json.push_str(&json);
        }
        kept
    }

    /// More text comes while a call is open.
    pub(super) fn say(&mut self, text: &Text<'_>) -> Kept {
        let text = text.plain();
        let kept = self.count(text.len().saturating_add(CALL_BYTES));
        match (kept, self.said.last_mut()) {
            (Kept::Yes, Some(Said::Text(said))) => said.push_str(&text),
            (Kept::Yes, _) => self.said.push(Said::Text(text.into_owned())),
            (Kept::Unknown | Kept::TooMuch, _) => {}
        }
        kept
    }

    /// More thinking comes while a call is open.
    pub(super) fn think(&mut self, text: &Text<'_>) -> Kept {
        let text = text.plain();
        let kept = self.count(text.len().saturating_add(CALL_BYTES));
        match (kept, self.said.last_mut()) {
            (Kept::Yes, Some(Said::Thinking(said))) => said.push_str(&text),
            (Kept::Yes, _) => self.said.push(Said::Thinking(text.into_owned())),
            (Kept::Unknown | Kept::TooMuch, _) => {}
        }
        kept
    }

    /// Everything that was said.
    pub(super) fn take_said(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said)
    }

    /// The call that waits longest.
    pub(super) fn next(&mut self) -> Option<Held> {
        (!self.calls.is_empty()).then(|| self.calls.remove(0))
    }

    fn count(&mut self, bytes: usize) -> Kept {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > HELD_BYTES_MAX { Kept::TooMuch } else { Kept::Yes }
    }
}
