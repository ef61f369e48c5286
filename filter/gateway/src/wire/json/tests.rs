//! What the reader accepts and refuses, what values say of themselves, and what is written.

mod differential;
mod top_level;

use super::{
    Array, DEPTH_MAX, Document, Fault, Kind, Malformed, NODES_MAX, Object, TEXT_BYTES_MAX, Value,
    escape_into, write_number, write_string,
};

#[track_caller]
fn check_fault(bytes: impl AsRef<[u8]>, at: usize, fault: Fault) {
    let bytes = bytes.as_ref();
    let shown = String::from_utf8_lossy(bytes.get(..80).unwrap_or(bytes)).into_owned();
    assert_eq!(Document::parse(bytes).map(|_| ()), Err(Malformed { at, fault }), "{shown}");
}

#[track_caller]
fn check_good(text: &str) {
    assert_eq!(Document::parse(text.as_bytes()).map(|_| ()), Ok(()), "{text}");
}

#[test]
fn what_the_grammar_does_not_know_is_refused_where_it_stands() {
    let cases = [
        ("x", 0),
        ("{x", 1),
        ("[,", 1),
        ("[1,]", 3),
        ("[1 2]", 3),
        ("{\"a\"}", 4),
        ("{\"a\":}", 5),
        ("{\"a\":1,}", 7),
        ("{\"a\":1 \"b\":2}", 7),
        ("{1:2}", 1),
        ("[1}", 2),
        ("{]", 1),
        ("tru ", 3),
        ("nul1", 3),
        ("fALSE", 1),
        ("'a'", 0),
        ("+1", 0),
        (".5", 0),
        ("-x", 1),
        ("1.x", 2),
        ("1ex", 2),
        ("1e+x", 3),
        ("NaN", 0),
        ("\"\t\"", 1),
        ("\"\n\"", 1),
        ("\"\u{0}\"", 1),
        (r#""\x""#, 2),
        (r#""\u00g0""#, 5),
        (r#""\U0000""#, 2),
        ("\u{feff}1", 0),
        ("\u{a0}1", 0),
        ("[1,\u{c}2]", 3),
        ("// hi", 0),
    ];
    for (text, at) in cases {
        check_fault(text, at, Fault::Syntax);
    }
}

#[test]
fn a_text_that_ends_too_early_is_told_from_a_wrong_one() {
    let text = r#" {"a": [1, -2.5e+3, true, null, "\u00e9\n"], "b": {}} "#;
    check_good(text);
    for end in 0..text.len() - 1 {
        let fault = Document::parse(&text.as_bytes()[..end]).map(|_| ()).unwrap_err();
        assert_eq!(fault, Malformed { at: end, fault: Fault::Truncated }, "{}", &text[..end]);
    }
}

#[test]
fn bytes_behind_the_value_are_refused() {
    for (text, at) in
        [("1 2", 2), ("{}{}", 2), ("[] x", 3), ("01", 1), ("-00", 2), ("1.5.2", 3), ("null\u{0}", 4)]
    {
        check_fault(text, at, Fault::Trailing);
    }
    check_good(" \t\r\n1 \t\r\n");
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    for bytes in
        [&b"\"\xff\""[..], b"\"\xc0\xaf\"", b"\"\xed\xa0\x80\"", b"\"\xf4\x90\x80\x80\"", b"\"\xe2\x82\""]
    {
        check_fault(bytes, 1, Fault::Encoding);
    }
}

#[test]
fn half_a_surrogate_pair_is_refused_from_clients_and_passes_from_providers() {
    let halves = [
        (r#""\ud800""#, 1),
        (r#""\udc00""#, 1),
        (r#""a\ud83d\n""#, 2),
        (r#""\ud83d\ud83d""#, 1),
        (r#""\udc00\ud83d""#, 1),
        (r#""\uDBFFx""#, 1),
        (r#""\ud83d\u0041""#, 1),
    ];
    for (text, at) in halves {
        check_fault(text, at, Fault::LoneSurrogate);
        let document = Document::parse_reply(text.as_bytes()).unwrap();
        assert!(document.root().as_str().unwrap().decode().contains('\u{fffd}'), "{text}");
        assert_eq!(document.root().raw(), text);
    }
    check_good(r#""\ud83d\ude00\uD800\uDFFF""#);
    check_good(r#""\ud7ff\ue000""#);
}

#[test]
fn an_object_with_the_same_key_twice_is_refused_at_any_depth_however_the_key_is_spelled() {
    check_fault(r#"{"a":1,"a":2}"#, 7, Fault::DuplicateKey);
    check_fault(r#"{"a":1,"\u0061":2}"#, 7, Fault::DuplicateKey);
    check_fault(r#"{"\u0061":1,"a":2}"#, 12, Fault::DuplicateKey);
    check_fault(r#"{"/":1,"\/":2}"#, 7, Fault::DuplicateKey);
    check_fault(r#"{"":1,"":2}"#, 6, Fault::DuplicateKey);
    check_fault(r#"[{"b":{"c":1,"d":{"x":[1]},"c":3}}]"#, 27, Fault::DuplicateKey);
    check_good(r#"{"a":{"a":{"a":1}},"b":{"a":1},"A":"a"}"#);
    check_good(r#"{"é":1,"e\u0301":2}"#);
}

#[test]
fn duplicates_are_found_in_small_and_in_large_objects() {
    for members in [2usize, 3, 31, 32, 33, 34, 200] {
        for twice in [0, (members - 1) / 2, members - 2] {
            let mut text = String::from("{");
            for member in 0..members - 1 {
                text += &format!("\"k{member}\":[{{\"k0\":0}}],");
            }
            let at = text.len();
            text += &format!("\"\\u006b{twice}\":0}}");
            check_fault(&text, at, Fault::DuplicateKey);
            check_good(&text.replace("\\u006b", "j"));
        }
    }
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| {
            let inner = if open == "[" { "" } else { "1" };
            format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
        };
        check_good(&nested(DEPTH_MAX - 1));
        check_good(&nested(DEPTH_MAX));
        check_fault(nested(DEPTH_MAX + 1), open.len() * DEPTH_MAX, Fault::TooDeep);
        check_fault(open.repeat(1_000_000), open.len() * DEPTH_MAX, Fault::TooDeep);
    }
    check_good(&format!("[{}1]", "[[]],".repeat(1000)));
}

#[test]
fn the_number_of_values_is_bounded() {
    let list = |values: usize| format!("[{}1]", "1,".repeat(values - 2));
    check_good(&list(NODES_MAX - 1));
    check_good(&list(NODES_MAX));
    check_fault(list(NODES_MAX + 1), 2 * NODES_MAX, Fault::TooLarge);
}

#[test]
fn the_length_of_a_text_is_bounded() {
    let bytes = vec![0u8; TEXT_BYTES_MAX + 1];
    check_fault(&bytes[..TEXT_BYTES_MAX - 1], 0, Fault::Syntax);
    check_fault(&bytes[..TEXT_BYTES_MAX], 0, Fault::Syntax);
    check_fault(&bytes, TEXT_BYTES_MAX, Fault::TooLarge);
}

#[test]
fn values_say_what_they_are_and_where_they_stand() {
    let text = r#" {"a" : [ true,false , null],"b":"x\ny", "c":{"d":-1.5}} "#;
    let document = Document::parse(text.as_bytes()).unwrap();
    let root = document.root();
    assert_eq!((root.kind(), root.span()), (Kind::Object, 1..text.len() - 1));
    let list = root.get("a").unwrap();
    assert_eq!((list.raw(), &text[list.span()]), ("[ true,false , null]", "[ true,false , null]"));
    assert_eq!(list.items().map(Value::kind).collect::<Vec<_>>(), [Kind::True, Kind::False, Kind::Null]);
    assert_eq!(list.items().map(Value::as_bool).collect::<Vec<_>>(), [Some(true), Some(false), None]);
    assert_eq!(root.get("b").unwrap().raw(), r#""x\ny""#);
    assert_eq!(root.get("c").unwrap().get("d").unwrap().as_number(), Some("-1.5"));
    assert_eq!(root.entries().map(|(key, _)| key.raw()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(root.get("d").is_none() && list.get("a").is_none());
    assert_eq!((root.items().count(), list.entries().count()), (0, 0));
    assert!(document.root().is_object() && list.is_array() && !list.is_object());
}

#[test]
fn a_member_that_is_null_counts_as_missing_only_for_field() {
    let document = Document::parse(br#"{"a":null,"\u0062":1}"#).unwrap();
    let root = document.root();
    assert!(root.get("a").is_some_and(Value::is_null) && root.field("a").is_none());
    assert_eq!(root.field("b").and_then(Value::as_u64), Some(1));
}

#[test]
fn whole_numbers_are_read_within_their_bounds() {
    let cases = [
        ("0", Some(0)),
        ("5", Some(5)),
        ("5.0", Some(5)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("-1", None),
        ("-0", None),
        ("1.5", None),
        ("1e3", None),
        ("5.00", None),
        ("\"5\"", None),
        ("null", None),
        ("true", None),
    ];
    for (text, number) in cases {
        assert_eq!(Document::parse(text.as_bytes()).unwrap().root().as_u64(), number, "{text}");
    }
}

#[test]
fn strings_are_unescaped_when_somebody_asks() {
    let cases = [
        (r#""""#, ""),
        (r#""a""#, "a"),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u00e9\u20AC""#, "é€"),
        (r#""\ud83d\ude00!""#, "😀!"),
        (r#""\u0000""#, "\0"),
        (r#""é\n😀""#, "é\n😀"),
        (r#""\\u0041""#, "\\u0041"),
        (r#""\uDBFF\uDFFF""#, "\u{10ffff}"),
    ];
    for (json, text) in cases {
        let document = Document::parse(json.as_bytes()).unwrap();
        let read = document.root().as_str().unwrap();
        assert_eq!((read.decode().as_ref(), read.is(text), read.is("no")), (text, true, false), "{json}");
        assert_eq!(read.is_empty(), text.is_empty());
        assert_eq!(read.raw(), &json[1..json.len() - 1]);
    }
}

#[test]
fn half_surrogate_pairs_read_as_the_replacement_character_each() {
    let cases = [
        (r#""\ud83d""#, "�"),
        (r#""\ud83d\ud83d\ude00""#, "�😀"),
        (r#""\ude00\ud83dx""#, "��x"),
        (r#""\ud83d\u0041""#, "�A"),
    ];
    for (json, text) in cases {
        let document = Document::parse_reply(json.as_bytes()).unwrap();
        assert_eq!(document.root().as_str().unwrap().decode(), text, "{json}");
    }
}

#[test]
fn a_string_is_split_at_what_no_escape_sequence_contains() {
    let document = Document::parse(br#""data:image\/png;base64,a:\u002cb""#).unwrap();
    let text = document.root().as_str().unwrap();
    let (before, behind) = text.split_once(':').unwrap();
    assert_eq!((before.raw(), &*behind.decode()), ("data", "image/png;base64,a:,b"));
    let (before, behind) = behind.split_once(',').unwrap();
    assert_eq!((&*before.decode(), behind.raw()), ("image/png;base64", r"a:\u002cb"));
    assert!(behind.split_once(',').is_none());
    for letter in ['/', '\\', '"', 'u', '0'] {
        assert!(text.split_once(letter).is_none(), "{letter}");
    }
}

#[test]
fn what_is_written_has_its_commas_in_place() {
    let mut out = Vec::new();
    let mut object = Object::open(&mut out);
    object.string("a", "x\"y").number("b", 5).raw("c", "null");
    Array::open(object.key("d")).close();
    let mut list = Array::open(object.key("e"));
    list.element().push(b'1');
    Object::open(list.element()).close();
    list.close();
    object.close();
    assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":"x\"y","b":5,"c":null,"d":[],"e":[1,{}]}"#);
}

#[test]
fn written_strings_read_as_they_were() {
    let all: String = (0..0x300u32).filter_map(char::from_u32).chain("😀\u{10ffff}".chars()).collect();
    let mut out = Vec::new();
    write_string(&mut out, &all);
    assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), all);
    assert_eq!(Document::parse(&out).unwrap().root().as_str().unwrap().decode(), all);
    let mut out = Vec::new();
    escape_into(&mut out, "a\"\\\n\r\t\u{1}\u{1f}\u{7f}é");
    assert_eq!(String::from_utf8(out).unwrap(), "a\\\"\\\\\\n\\r\\t\\u0001\\u001f\u{7f}é");
}

#[test]
fn numbers_are_written_with_all_their_digits() {
    let mut numbers = vec![0, 9, 10, 99, 100, u64::MAX, u64::MAX - 1];
    numbers.extend((0..64).map(|bit| 1u64 << bit));
    for number in numbers {
        let mut out = Vec::new();
        write_number(&mut out, number);
        assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
    }
}
