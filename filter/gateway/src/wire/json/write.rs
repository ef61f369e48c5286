//! Writing JSON: objects and arrays that put the commas where they belong.

use crate::wire::scan::plain_text;

/// An object being written. Dropping it without [`Object::close`] leaves it open.
pub struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Object<'o> {
    /// Opens an object at the end of `out`.
    pub fn open(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Writes `key` (which needs no escaping: a literal) and returns where its value goes.
    pub fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// A member whose value is the string `text`.
    pub fn string(&mut self, key: &'static str, text: &str) -> &mut Self {
        write_string(self.key(key), text);
        self
    }

    /// A member whose value is already JSON.
    pub fn raw(&mut self, key: &'static str, json: &str) -> &mut Self {
        self.key(key).extend_from_slice(json.as_bytes());
        self
    }

    /// A member whose value is a whole number.
    pub fn number(&mut self, key: &'static str, number: u64) -> &mut Self {
        write_number(self.key(key), number);
        self
    }

    /// Writes the closing brace.
    pub fn close(self) {
        self.out.push(b'}');
    }
}

/// An array being written.
pub struct Array<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Array<'o> {
    /// Opens an array at the end of `out`.
    pub fn open(out: &'o mut Vec<u8>) -> Self {
        out.push(b'[');
        Self { out, empty: true }
    }

    /// Returns where the next element goes.
    pub fn element(&mut self) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out
    }

    /// Writes the closing bracket.
    pub fn close(self) {
        self.out.push(b']');
    }
}

/// Writes `text` as a JSON string, quotes included.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape_into(out, text);
    out.push(b'"');
}

/// Writes `text` as it stands inside the quotes of a JSON string.
pub fn escape_into(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, behind) = rest.split_at_checked(plain_text(rest)).unwrap_or((rest, b""));
        out.extend_from_slice(plain);
        let [byte, behind @ ..] = behind else { return };
        escape(out, *byte);
        rest = behind;
    }
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            let digit = |nibble: u8| HEX.get(usize::from(nibble & 15)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte)]);
        }
    }
}

/// Writes a whole number.
pub fn write_number(out: &mut Vec<u8>, number: u64) {
    // Twenty digits are enough for 2⁶⁴−1. The machinery of `write!` is several times as slow and large.
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut used = 0usize;
    for place in digits.iter_mut().rev() {
        *place = b'0' | (rest % 10) as u8;
        rest /= 10;
        used = used.saturating_add(1);
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len().saturating_sub(used)..).unwrap_or_default());
}
