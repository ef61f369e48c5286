//! Random texts, rich in what the split patterns find awkward. The same seed gives the same texts.

use super::oracle::floor;

/// A small generator (xorshift64*), so that no run depends on a crate's version.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((self.bits() >> 32) as usize * end) >> 32
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Ranges of code points, each a script or a habit of its own.
const RANGES: &[(u32, u32)] = &[
    (0x20, 0x7E),
    (0x61, 0x7A),
    (0x41, 0x5A),
    (0x30, 0x39),
    (0x00, 0x1F),
    (0x80, 0xFF),
    (0x100, 0x24F),
    (0x250, 0x2FF),
    (0x300, 0x36F),
    (0x370, 0x3FF),
    (0x400, 0x4FF),
    (0x530, 0x58F),
    (0x590, 0x5FF),
    (0x600, 0x6FF),
    (0x900, 0x97F),
    (0x980, 0x9FF),
    (0xB80, 0xBFF),
    (0xC80, 0xCFF),
    (0xD00, 0xD7F),
    (0xE00, 0xE7F),
    (0xE80, 0xEFF),
    (0x1000, 0x109F),
    (0x10A0, 0x10FF),
    (0x1200, 0x137F),
    (0x13A0, 0x13FF),
    (0x1780, 0x17FF),
    (0x1C80, 0x1CFF),
    (0x1E00, 0x1EFF),
    (0x1F00, 0x1FFF),
    (0x2000, 0x206F),
    (0x2070, 0x20CF),
    (0x2100, 0x218F),
    (0x2190, 0x27BF),
    (0x3000, 0x30FF),
    (0x4E00, 0x9FFF),
    (0x4E00, 0x4FFF),
    (0xA640, 0xA69F),
    (0xAC00, 0xD7A3),
    (0xE000, 0xF8FF),
    (0xFE00, 0xFE0F),
    (0xFF00, 0xFFEF),
    (0x10400, 0x1044F),
    (0x1D400, 0x1D7FF),
    (0x1F300, 0x1F6FF),
    (0x1F1E6, 0x1F1FF),
    (0x20000, 0x2A6DF),
    (0xE0100, 0xE01EF),
    (0x0, 0x10FFFF),
];

/// Single awkward things.
const ATOMS: &[&str] = &[
    "'s",
    "'S",
    "'\u{17F}",
    "'t",
    "'T",
    "'re",
    "'RE",
    "'Re",
    "'ve",
    "'VE",
    "'m",
    "'ll",
    "'lL",
    "'d",
    "'",
    "''",
    "'l",
    "'r",
    "'v",
    " ",
    "  ",
    "   ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    " \n",
    "\n ",
    " \n \n ",
    "\u{85}",
    "\u{A0}",
    "\u{180E}",
    "\u{200B}",
    "\u{200D}",
    "\u{2028}",
    "\u{2029}",
    "\u{202F}",
    "\u{205F}",
    "\u{3000}",
    "\u{1680}",
    "\u{FEFF}",
    "\u{B}",
    "\u{C}",
    "\0",
    "0",
    "12",
    "123",
    "1234",
    "²",
    "½",
    "Ⅷ",
    "٣",
    "१२",
    "〇",
    "\u{301}",
    "e\u{301}",
    "\u{300}\u{301}",
    "\u{20E3}",
    "\u{FE0F}",
    "❤\u{FE0F}",
    "👩\u{200D}👩\u{200D}👧",
    "👍🏽",
    "🇩🇪",
    "🏴",
    "ǅ",
    "ǈ",
    "ʰ",
    "ª",
    "ß",
    "İ",
    "ı",
    "ſ",
    "K",
    "Ω",
    "中",
    "中文",
    "的",
    "日本語",
    "です",
    "カタカナ",
    "한국어",
    "привет",
    "Привет",
    "ПРИВЕТ",
    "مرحبا",
    "שלום",
    "नमस्ते",
    "สวัสดี",
    "Hello",
    "HELLO",
    "hello",
    "helloWorld",
    "HTTPServer",
    "ABc",
    "aB",
    "A",
    "a",
    "I'm",
    "don't",
    "DON'T",
    "/",
    "//",
    "/\n",
    "!\n",
    "?!",
    "...",
    ".foo",
    "_x",
    "{",
    "}",
    "\":\"",
    "\\n",
    "<|endoftext|>",
    "<|endofprompt|>",
    "<|im_start|>",
    "https://",
    "==",
    "--",
    "====",
    "\u{378}",
    "\u{E0001}",
    "\u{10FFFF}",
    "\u{FFFD}",
    "\u{FFFE}",
    "　",
    "，",
    "。",
    "「",
    "」",
    "、",
    "…",
    "—",
    "₹",
];

/// A text of up to `atoms` atoms, half of them much shorter.
pub fn text(random: &mut Random, atoms: usize, tokens: &[String]) -> String {
    let atoms = 1 + if random.below(2) == 0 { random.below(5) } else { random.below(atoms) };
    let mut text = String::new();
    // Most texts keep to a few ranges, so that runs of a kind come about.
    let ranges = [*random.pick(RANGES), *random.pick(RANGES), *random.pick(RANGES)];
    for _ in 0..atoms {
        match random.below(10) {
            0..=2 => text.push_str(random.pick::<&str>(ATOMS)),
            3 if !tokens.is_empty() => text.push_str(random.pick::<String>(tokens)),
            4 => {
                let atom = *random.pick(ATOMS);
                (0..random.below(12)).for_each(|_| text.push_str(atom));
            }
            kind => {
                let length = if kind == 5 { 1 } else { 1 + random.below(8) };
                let range = *random.pick(&ranges);
                push_from(random, &mut text, range, length);
            }
        }
    }
    text
}

fn push_from(random: &mut Random, text: &mut String, (first, last): (u32, u32), length: usize) {
    for _ in 0..length {
        let code = first + random.below((last - first + 1) as usize) as u32;
        text.extend(char::from_u32(code));
    }
}

/// What random texts are made from besides single characters.
pub struct Sources {
    /// Tokens of a vocabulary.
    pub tokens: Vec<String>,
    /// Real strings.
    pub strings: Vec<String>,
}

impl Sources {
    /// A random text, or a real string changed in a few places.
    pub fn next(&self, random: &mut Random) -> String {
        if random.below(3) == 0 && !self.strings.is_empty() {
            let string = random.pick(&self.strings);
            // Long strings from somewhere in the middle, so that the changes are not too far apart.
            let from = floor(string, random.below(string.len()));
            let to = floor(string, from + 200);
            mutated(random, &string[from..to])
        } else {
            text(random, 30, &self.tokens)
        }
    }
}

/// The text with a few characters removed, doubled, swapped or replaced.
pub fn mutated(random: &mut Random, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..1 + random.below(4) {
        if chars.is_empty() {
            break;
        }
        let at = random.below(chars.len());
        match random.below(5) {
            0 => drop(chars.remove(at)),
            1 => chars.insert(at, chars[at]),
            2 => chars.swap(at, 0),
            3 => chars.splice(at..at, random.pick::<&str>(ATOMS).chars()).for_each(drop),
            _ => chars[at] = char::from_u32(random.below(0x3000) as u32).unwrap_or(' '),
        }
    }
    chars.into_iter().collect()
}

/// The text in up to five parts, cut at random characters.
pub fn parts(random: &mut Random, text: &str) -> Vec<String> {
    let mut cuts: Vec<usize> =
        (0..random.below(5)).map(|_| floor(text, random.below(text.len() + 1))).collect();
    cuts.sort_unstable();
    cuts.push(text.len());
    let mut from = 0;
    cuts.into_iter().map(|cut| text[std::mem::replace(&mut from, cut)..cut].to_owned()).collect()
}

/// Texts of about so many bytes that are one piece, or nearly: runs, periods, random letters, scripts without spaces.
pub fn unbroken(random: &mut Random, bytes: usize) -> Vec<String> {
    let mut texts = Vec::new();
    // A pattern's engine runs out of stack on a million blanks, so the oracle gets fewer.
    for (run, most) in [
        ("a", bytes),
        (" ", 900_000),
        ("\n", 900_000),
        ("^", bytes),
        ("=", bytes),
        ("Ab", bytes),
        ("é", bytes),
    ] {
        texts.push(run.repeat(bytes.min(most) / run.len()));
    }
    for (first, last) in [
        (0x61, 0x7A),
        (0x61, 0x62),
        (0x21, 0x2F),
        (0x41, 0x5A),
        (0x430, 0x44F),
        (0x4E00, 0x9FA5),
        (0x3041, 0x3096),
    ] {
        let width = char::from_u32(last).map_or(1, char::len_utf8);
        let mut text = String::new();
        push_from(random, &mut text, (first, last), bytes / width);
        texts.push(text);
    }
    let mut period = String::new();
    let length = 1 + random.below(12);
    push_from(random, &mut period, (0x61, 0x66), length);
    texts.push(period.repeat(bytes / length));
    texts
}
