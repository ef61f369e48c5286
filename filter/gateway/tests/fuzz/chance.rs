//! Damage by chance: bytes that break the grammar, and values put where others stood, which keep to it.

use tollgate_gateway::wire::json::{Document, Value};

/// What is put into texts beside what stands in fixtures.
const SPICE: [&str; 34] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "5.0",
    "1e99",
    "18446744073709551616",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "{\"type\":\"text\"}",
    "\"text\"",
    "\"tool_use\"",
    "\"image_url\"",
    "\"assistant\"",
    "\"system\"",
    "\"tool\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"{\\\"a\\\":1}\"",
    "\"data:image/png;base64,AA==\"",
    "[{}]",
    "[\"a\",\"b\"]",
    "\"data:x\"",
    "{\"error\":\"x\"}",
    "\"\\n\\n\"",
    "128",
    "4294967296",
    "\"auto\"",
    "\"none\"",
];
/// Bytes that matter to the grammars.
const BYTES: &[u8] = b"\"\\{}[]:,0123456789.-eu \n\r\t\x00\x1f\x80\xc3\xed\xff";

/// Numbers that are the same in every run.
pub struct Chance(u64);

impl Chance {
    /// Numbers that depend on `name` alone.
    pub fn new(name: &str) -> Self {
        Self(name.bytes().fold(0x9E37_79B9_7F4A_7C15, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    /// One of `seeds`, damaged at a few places.
    pub fn damaged(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(3) {
            bytes = if self.below(3) == 0 { self.broken(bytes, seeds) } else { self.grafted(bytes, seeds) };
        }
        bytes
    }

    /// `bytes` with a few of them changed, left out, doubled or taken from another seed.
    fn broken(&mut self, mut bytes: Vec<u8>, seeds: &[Vec<u8>]) -> Vec<u8> {
        let at = self.below(bytes.len() + 1);
        let end = (at + self.below(40)).min(bytes.len());
        match self.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
            3 => bytes.insert(at, BYTES[self.below(BYTES.len())]),
            4 if at < bytes.len() => bytes[at] = BYTES[self.below(BYTES.len())],
            _ => {
                let other = &seeds[self.below(seeds.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[self.below(other.len() + 1)..]);
            }
        }
        bytes
    }

    /// `bytes` with one JSON value in the place of another.
    fn grafted(&mut self, bytes: Vec<u8>, seeds: &[Vec<u8>]) -> Vec<u8> {
        let Some((begin, text)) = self.json_in(&bytes) else { return self.broken(bytes, seeds) };
        let spans = spans(text);
        let span = spans[self.below(spans.len())].clone();
        let other = &seeds[self.below(seeds.len())];
        let value = match self.json_in(other) {
            Some((_, text)) if self.below(2) == 0 => {
                let spans = self::spans(text);
                text[spans[self.below(spans.len())].clone()].to_vec()
            }
            _ => SPICE[self.below(SPICE.len())].as_bytes().to_vec(),
        };
        [&bytes[..begin + span.start], &value, &bytes[begin + span.end..]].concat()
    }

    /// Where a JSON text stands in `bytes`, and the text: all of them, or the data of one event.
    fn json_in<'b>(&mut self, bytes: &'b [u8]) -> Option<(usize, &'b [u8])> {
        if Document::parse_reply(bytes).is_ok() {
            return Some((0, bytes));
        }
        let lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
        let chosen = self.below(lines.len());
        let begin = lines.iter().take(chosen).map(|line| line.len()).sum::<usize>();
        let text = lines.get(chosen)?.strip_prefix(b"data: ")?.trim_ascii_end();
        Document::parse_reply(text).ok().map(|_| (begin + "data: ".len(), text))
    }
}

/// Where the values of a JSON text stand.
fn spans(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let document = Document::parse_reply(text).expect("this was found to be JSON");
    let mut spans = Vec::new();
    visit(document.root(), &mut spans);
    spans
}

fn visit(value: Value<'_>, spans: &mut Vec<std::ops::Range<usize>>) {
    spans.push(value.span());
    value.items().chain(value.entries().map(|(_, value)| value)).for_each(|inner| visit(inner, spans));
}
