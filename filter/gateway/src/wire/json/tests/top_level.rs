//! Finding members of an object that passes by.

use super::Document;
use crate::wire::json::TopLevel;

const WANTED: &[&str] = &["usage", "model", "id", "choices"];

/// What is found of `wanted` when the pieces of `text` end at `cuts`.
fn found(
    text: &[u8],
    wanted: &'static [&'static str],
    cuts: impl IntoIterator<Item = usize>,
) -> Vec<Option<String>> {
    let (mut scan, mut begin) = (TopLevel::new(wanted, 1 << 16), 0);
    for end in cuts.into_iter().chain([text.len()]) {
        scan.push(&text[begin..end]);
        begin = end;
    }
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).expect("a value of a good text");
    wanted.iter().map(|name| scan.get(name).map(text)).collect()
}

/// Checks that `name` is found with `expected` as its value, however `text` is cut.
#[track_caller]
fn check(text: &str, name: &'static str, expected: Option<&str>) {
    let wanted: &'static [&'static str] = Box::leak(Box::new([name]));
    let text = text.as_bytes();
    for cut in 0..=text.len() {
        assert_eq!(found(text, wanted, [cut]), [expected.map(str::to_owned)], "cut at {cut}");
    }
    assert_eq!(found(text, wanted, 0..text.len()), [expected.map(str::to_owned)], "byte by byte");
}

#[test]
fn a_member_is_found_whatever_stands_around_it() {
    check(r#"{"a":1}"#, "a", Some("1"));
    check(r#" { "b" : [1,{"a":2}] , "a" : { "c" : [ 1 , 2 ] } } "#, "a", Some(r#"{ "c" : [ 1 , 2 ] }"#));
    check(r#"{"b":{"a":1},"c":["a",{"a":2}]}"#, "a", None);
    check(r#"{"b":"a","a":"b"}"#, "a", Some(r#""b""#));
    check(r#"{"a":null,"b":1}"#, "a", Some("null"));
    check(r#"{"b":1,"a":-1.5e3}"#, "a", Some("-1.5e3"));
}

#[test]
fn strings_with_braces_quotes_and_escapes_do_not_mislead() {
    check(r#"{"b":"\"a\":1,}{][","a":2}"#, "a", Some("2"));
    check(r#"{"b":"\\","a":2}"#, "a", Some("2"));
    check(r#"{"b":"\\\"","a":"x\\"}"#, "a", Some(r#""x\\""#));
    check(r#"{"a":"}\"]{,: \u00e9 é","b":1}"#, "a", Some(r#""}\"]{,: \u00e9 é""#));
    check(r#"{"b\"a":1,"a":"two  blanks"}"#, "a", Some(r#""two  blanks""#));
    check(r#"{"\"a":1,"a\\":2}"#, "a", None);
}

#[test]
fn the_first_of_two_counts_and_what_has_not_ended_does_not() {
    check(r#"{"a":1,"a":2}"#, "a", Some("1"));
    check(r#"{"b":1,"a":12"#, "a", None);
    check(r#"{"a":{"b":1}"#, "a", None);
    check(r#"{"a":{"b":1},"#, "a", Some(r#"{"b":1}"#));
    check(r#"["a",{"a":1}]"#, "a", None);
    check("", "a", None);
}

#[test]
fn every_fixture_gives_what_the_reader_finds_however_it_is_cut() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/openai_chat/replies");
    let mut files = 0;
    for file in std::fs::read_dir(root).unwrap() {
        let text = std::fs::read(file.unwrap().path()).unwrap();
        let document = Document::parse(&text).unwrap();
        let compact = |raw: &str| serde_json::from_str::<serde_json::Value>(raw).unwrap();
        let expected: Vec<_> =
            WANTED.iter().map(|name| document.root().get(name).map(|v| compact(v.raw()))).collect();
        let whole = found(&text, WANTED, []);
        let read: Vec<_> = whole.iter().map(|raw| raw.as_deref().map(compact)).collect();
        assert_eq!(read, expected);
        for cut in 0..=text.len() {
            assert_eq!(found(&text, WANTED, [cut]), whole, "cut at {cut}");
        }
        assert_eq!(found(&text, WANTED, 0..text.len()), whole);
        files += 1;
    }
    assert!(files >= 5);
}

#[test]
fn a_value_over_the_bound_is_dropped_however_it_comes() {
    let text = br#"{"b":1,"a":"3456","c":1}"#;
    for (bytes_max, expected) in [(7, Some(&br#""3456""#[..])), (6, Some(br#""3456""#)), (5, None)] {
        for piece_bytes in 1..=text.len() {
            let mut scan = TopLevel::new(&["a", "c"], bytes_max);
            text.chunks(piece_bytes).for_each(|piece| scan.push(piece));
            assert_eq!(scan.get("a"), expected, "{bytes_max}, {piece_bytes}");
            assert_eq!(scan.get("c"), Some(&b"1"[..]));
        }
    }
}

#[test]
fn a_key_over_the_bound_is_none_that_is_wanted() {
    const NAME: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
    assert_eq!(NAME.len(), 65);
    for (length, expected) in [(63, Some("1")), (64, Some("1")), (65, None)] {
        check(&format!(r#"{{"{}":1}}"#, &NAME[..length]), &NAME[..length], expected);
    }
    // What is kept of a long key cannot be taken for another.
    check(&format!(r#"{{"{}a":1,"{}":2}}"#, "x".repeat(100), "y".repeat(64)), "a", None);
    check(&format!(r#"{{"{}?":1}}"#, "x".repeat(64)), "?", None);
}
