//! The reader beside `serde_json`, on texts made by chance and then damaged.

use super::{Document, Fault, Kind, Value};

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const BLANKS: [&str; 6] = ["", "", "", " ", "\n", "\t\r "];
const STRINGS: [&str; 12] = [
    "",
    "a",
    "key",
    "a longer text than a word of eight",
    "é€😀",
    r"\n\t\\\/",
    r#"\""#,
    r"\u0041",
    r"\ud83d\ude00",
    r"\u00e9 and so on, and so on",
    "{}[]:,",
    "1234567",
];
const NUMBERS: [&str; 9] = ["0", "-0", "1", "-17", "3.25", "1e5", "2E-3", "-1.5e+2", "18446744073709551615"];

fn value(chance: &mut Chance, depth: usize, text: &mut String) {
    text.push_str(chance.pick(&BLANKS));
    match chance.below(if depth > 5 { 4 } else { 6 }) {
        0 => text.push_str(chance.pick(&["true", "false", "null"])),
        1 => text.push_str(chance.pick(&NUMBERS)),
        2 | 3 => string(chance, text),
        4 => list(chance, depth, text, ['[', ']'], |_, _| {}),
        _ => list(chance, depth, text, ['{', '}'], |chance, text| {
            string(chance, text);
            text.push_str(chance.pick(&BLANKS));
            text.push(':');
        }),
    }
    text.push_str(chance.pick(&BLANKS));
}

fn list(
    chance: &mut Chance,
    depth: usize,
    text: &mut String,
    [open, close]: [char; 2],
    key: fn(&mut Chance, &mut String),
) {
    text.push(open);
    for position in 0..chance.below(5) {
        if position > 0 {
            text.push(',');
        }
        text.push_str(chance.pick(&BLANKS));
        key(chance, text);
        value(chance, depth + 1, text);
    }
    text.push_str(chance.pick(&BLANKS));
    text.push(close);
}

fn string(chance: &mut Chance, text: &mut String) {
    text.push('"');
    for _ in 0..chance.below(3) {
        text.push_str(chance.pick(&STRINGS));
    }
    text.push('"');
}

fn damage(chance: &mut Chance, bytes: &mut Vec<u8>) {
    const SPICE: &[u8] = b"\"\\{}[]:,0123456789.-+eEtrufalsn \n\t\x00\x1f\x7f\x80\xbf\xc3\xed\xff/bud";
    for _ in 0..=chance.below(2) {
        let at = chance.below(bytes.len() + 1);
        let spice = SPICE[chance.below(SPICE.len())];
        match chance.below(4) {
            0 if at < bytes.len() => bytes[at] = spice,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.truncate(at),
            _ => bytes.insert(at, spice),
        }
    }
}

/// `value` as the other reader holds it.
fn converted(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::True | Kind::False => value.as_bool().into(),
        Kind::Number => serde_json::from_str(value.as_number().unwrap()).unwrap(),
        Kind::Plain | Kind::Escaped => value.as_str().unwrap().decode().into_owned().into(),
        Kind::Array => value.items().map(converted).collect(),
        Kind::Object => {
            value.entries().map(|(key, value)| (key.decode().into_owned(), converted(value))).collect()
        }
    }
}

/// Every value's own text is a document of its own that says the same.
fn check_spans(value: Value<'_>, text: &str) {
    assert_eq!(&text[value.span()], value.raw());
    let alone = Document::parse(value.raw().as_bytes()).unwrap();
    assert_eq!(converted(alone.root()), converted(value));
    value.items().chain(value.entries().map(|(_, value)| value)).for_each(|inner| check_spans(inner, text));
}

/// Whether two cursors walk over the same values.
fn check_same(one: Value<'_>, other: Value<'_>) {
    assert_eq!((one.kind(), one.span()), (other.kind(), other.span()));
    one.items().zip(other.items()).for_each(|(one, other)| check_same(one, other));
    one.entries().zip(other.entries()).for_each(|((_, one), (_, other))| check_same(one, other));
}

#[track_caller]
fn compare(bytes: &[u8]) -> bool {
    let theirs = serde_json::from_slice::<serde_json::Value>(bytes);
    let shown = String::from_utf8_lossy(bytes);
    match (Document::parse(bytes), theirs) {
        (Ok(document), Ok(theirs)) => {
            assert_eq!(converted(document.root()), theirs, "{shown}");
            check_spans(document.root(), &shown);
            true
        }
        // They refuse numbers that no float can hold.
        (Ok(_), Err(error)) => {
            assert!(error.to_string().starts_with("number out of range"), "{shown}: {error}");
            false
        }
        (Err(error), Ok(_)) => {
            assert_eq!(error.fault, Fault::DuplicateKey, "{shown}");
            false
        }
        (Err(error), Err(_)) => {
            assert!(error.at <= bytes.len(), "{shown}");
            false
        }
    }
}

#[test]
fn both_readers_accept_the_same_texts_and_read_the_same_values() {
    let mut chance = Chance(0x2545_F491_4F6C_DD1D);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..4000 {
        let mut text = String::new();
        value(&mut chance, 0, &mut text);
        let mut bytes = text.into_bytes();
        for _ in 0..4 {
            if compare(&bytes) {
                good += 1
            } else {
                bad += 1
            }
            damage(&mut chance, &mut bytes);
        }
    }
    assert!(good > 4000 && bad > 3000, "{good} good and {bad} bad texts");
}

#[test]
fn a_provider_may_send_whatever_a_client_may() {
    let mut chance = Chance(88172645463325252);
    for _ in 0..2000 {
        let mut text = String::new();
        value(&mut chance, 0, &mut text);
        let mut bytes = text.into_bytes();
        damage(&mut chance, &mut bytes);
        let (strict, lenient) = (Document::parse(&bytes), Document::parse_reply(&bytes));
        match (strict, lenient) {
            (Ok(strict), Ok(lenient)) => check_same(strict.root(), lenient.root()),
            (Ok(_), Err(error)) => panic!("{error}"),
            (Err(error), Ok(_)) => assert_eq!(error.fault, Fault::LoneSurrogate),
            (Err(_), Err(_)) => {}
        }
    }
}
