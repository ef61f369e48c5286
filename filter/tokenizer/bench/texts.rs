//! The texts that the benchmarks count: the same in every run.

use crate::support::corpus;
use crate::support::random::Random;
use std::path::Path;

/// A kind of text.
pub struct Text {
    pub name: &'static str,
    /// A mebibyte, or a little more.
    pub text: String,
    /// Of the same kind, but none of its strings is in `text`.
    pub unseen: String,
    pub pathological: bool,
}

const BYTES: usize = 1 << 20;

pub fn all() -> Vec<Text> {
    let kinds = corpus::read();
    let mut texts = Vec::new();
    let mut random = Random::new(11);
    for (name, prefix, between) in [
        ("English", "languages/english", " "),
        ("code", "code/", "\n"),
        ("JSON", "other/json", ",\n"),
        ("Chinese", "languages/chinese", "\n"),
        ("Japanese", "languages/japanese", "\n"),
        ("Russian", "languages/russian", " "),
        ("Arabic", "languages/arabic", " "),
    ] {
        let strings: Vec<&String> = kinds
            .iter()
            .filter(|kind| kind.name.starts_with(prefix))
            .flat_map(|kind| &kind.strings)
            .collect();
        // Every third string is kept back.
        let part = |keep: fn(usize) -> bool| -> Vec<&str> {
            strings
                .iter()
                .enumerate()
                .filter(|(at, _)| keep(*at))
                .map(|(_, string)| string.as_str())
                .collect()
        };
        let seen = part(|at| at % 3 != 0);
        let mut text = String::new();
        while text.len() < BYTES {
            text.push_str(random.pick::<&str>(&seen));
            text.push_str(between);
        }
        texts.push(Text { name, text, unseen: part(|at| at % 3 == 0).join(between), pathological: false });
    }
    for (name, make) in [("emoji", emoji as fn(&mut Random, usize) -> String), ("base64", base64)] {
        texts.push(Text {
            name,
            text: make(&mut random, BYTES),
            unseen: make(&mut random, 30_000),
            pathological: false,
        });
    }
    texts.extend(pathological(&mut random));
    texts
}

fn pathological(random: &mut Random) -> Vec<Text> {
    let chinese: Vec<char> = ('\u{4E00}'..'\u{9FA5}').collect();
    let made: [(&'static str, String); 6] = [
        ("run of a", "a".repeat(BYTES)),
        ("run of spaces", " ".repeat(BYTES)),
        ("run of newlines", "\n".repeat(BYTES)),
        ("run of ^", "^".repeat(BYTES)),
        ("random letters", (0..BYTES).map(|_| char::from(b'a' + random.below(26) as u8)).collect()),
        ("random Chinese", (0..BYTES / 3 + 1).map(|_| *random.pick(&chinese)).collect()),
    ];
    made.into_iter()
        .map(|(name, text)| Text { name, text, unseen: String::new(), pathological: true })
        .collect()
}

fn emoji(random: &mut Random, bytes: usize) -> String {
    let faces: Vec<char> = ('\u{1F300}'..='\u{1F64F}')
        .chain('\u{1F680}'..='\u{1F6C5}')
        .chain('\u{1F90C}'..='\u{1F9FF}')
        .collect();
    let mut text = String::new();
    while text.len() < bytes {
        text.push(*random.pick(&faces));
        match random.below(8) {
            0 => text.push(*random.pick(&['\u{1F3FB}', '\u{1F3FD}', '\u{1F3FF}'])),
            1 => text.push_str("\u{200D}\u{1F468}"),
            2 => text.push('\u{FE0F}'),
            3 => text.push(' '),
            _ => {}
        }
    }
    text
}

/// Random base64 in lines of 76 characters.
fn base64(random: &mut Random, bytes: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..bytes).map(|at| if at % 77 == 76 { '\n' } else { char::from(*random.pick(DIGITS)) }).collect()
}

/// Writes the texts and a list of them for the other half of the benchmark.
pub fn write(texts: &[Text], folder: &Path) {
    let mut list = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.txt")), &text.text).expect("a folder to write to");
        std::fs::write(folder.join(format!("{number}.unseen.txt")), &text.unseen)
            .expect("a folder to write to");
        list.push(format!(r#"{{"name":"{}","pathological":{}}}"#, text.name, text.pathological));
    }
    std::fs::write(folder.join("list.json"), format!("[{}]", list.join(","))).expect("a folder to write to");
}
