//! Texts, and the classes of errors.

use super::{ErrorClass, Text, call_id, digest, shortened};
use crate::wire::json::Document;

/// `inside` as it stands between the quotes of a document.
fn json(inside: &str) -> Text<'static> {
    let text: &'static str = Box::leak(format!("\"{inside}\"").into_boxed_str());
    let document: &'static Document<'static> = Box::leak(Box::new(Document::parse(text.as_bytes()).unwrap()));
    document.root().as_str().unwrap().into()
}

fn written(text: &Text<'_>) -> String {
    let mut out = Vec::new();
    text.write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn text_of_a_document_is_copied_as_it_stands() {
    for inside in ["", "a", r"\u00e9\/\n", r#"\"q\""#] {
        assert_eq!(written(&json(inside)), format!("\"{inside}\""));
    }
}

#[test]
fn text_of_the_gateway_is_escaped() {
    for (text, expected) in [("a", r#""a""#), ("\"\\\n\u{1}", r#""\"\\\n\u0001""#), ("é", "\"é\"")] {
        assert_eq!(written(&Text::from(text)), expected);
        assert_eq!(written(&Text::owned(text.to_owned())), expected);
    }
}

#[test]
fn texts_are_equal_when_they_say_the_same() {
    assert_eq!(json(r"\u0061\n"), Text::from("a\n"));
    assert_eq!(json(r"\u0061"), json("a"));
    assert_ne!(json(r"\\n"), Text::from("\n"));
}

#[test]
fn an_empty_text_is_known_without_unescaping() {
    assert!(json("").is_empty() && Text::from("").is_empty());
    assert!(!json(" ").is_empty() && !Text::from(" ").is_empty());
}

#[test]
fn texts_can_be_joined_inside_one_string() {
    let mut out = Vec::new();
    json(r"a\n").write_inside(&mut out);
    Text::from("\"b").write_inside(&mut out);
    assert_eq!(out, br#"a\n\"b"#);
}

#[test]
fn digests_tell_words_apart_and_stay_the_same() {
    assert_eq!(digest(["user"]), digest(["user"]));
    let distinct =
        [digest([]), digest([""]), digest(["a"]), digest(["ab"]), digest(["a", "b"]), digest(["b", "a"])];
    for (index, one) in distinct.iter().enumerate() {
        assert!(!distinct[..index].contains(one), "{index}");
    }
    // Written down, since ids are compared with those of other processes and releases.
    assert_eq!(format!("{:032x}", digest(["user"])), "c036b0c93283d94f708167ac5cde3baf");
    assert_eq!(call_id(0, 0, 0), "8e0i8wr2b");
}

#[test]
fn a_name_is_replaced_only_above_the_bound() {
    for (characters, is_kept) in [(0, true), (63, true), (64, true), (65, false), (150, false)] {
        let name = Text::owned("é".repeat(characters));
        let short = shortened(&name, 64).plain().into_owned();
        assert_eq!(short == name.plain(), is_kept, "{characters}");
        assert!(
            is_kept || short.len() == 32 && short.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{short}"
        );
    }
    // However it was escaped.
    let (plain, escaped) = ("e".repeat(65), r"\u0065".repeat(65));
    assert_eq!(shortened(&Text::owned(plain), 64), shortened(&json(&escaped), 64));
}

#[test]
fn a_status_tells_the_class_of_an_error() {
    for (status, class) in [
        (400, ErrorClass::InvalidRequest),
        (401, ErrorClass::Authentication),
        (403, ErrorClass::Permission),
        (404, ErrorClass::NotFound),
        (408, ErrorClass::Timeout),
        (413, ErrorClass::TooLarge),
        (422, ErrorClass::InvalidRequest),
        (429, ErrorClass::RateLimit),
        (500, ErrorClass::Server),
        (502, ErrorClass::Server),
        (503, ErrorClass::Overloaded),
        (504, ErrorClass::Timeout),
        (529, ErrorClass::Overloaded),
        (0, ErrorClass::Server),
    ] {
        assert_eq!(ErrorClass::of_status(status), class, "{status}");
    }
}
