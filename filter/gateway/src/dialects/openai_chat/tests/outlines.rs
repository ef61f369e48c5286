//! What is read of requests and streams that pass in their own dialect.

use super::{document, fixture};
use crate::chat::Delivery;
use crate::dialects::openai_chat::{is_notable, is_usage_only, outline};
use crate::dialects::{InvalidFault, UsagePatch};
use crate::wire::sse;

/// The body that asks for usage, made of one with `more` members.
fn patched(more: &str) -> String {
    let json = format!(r#" {{"model":"m","messages":[]{more}}}"#);
    let outline = outline(document(&json).root()).unwrap();
    assert_eq!(&json[outline.model_span], "\"m\"");
    match outline.usage {
        UsagePatch::None => json,
        UsagePatch::Put { at, text } => {
            assert!(UsagePatch::known(text).is_some());
            format!("{}{text}{}", &json[..at.start], &json[at.end..])
        }
    }
}

#[test]
fn a_streamed_body_is_made_to_ask_for_usage() {
    let asks = r#""stream_options":{"include_usage":true}"#;
    let members = |more: &str| format!(r#" {{"model":"m","messages":[],"stream":true{more}}}"#);
    let inserted = format!(r#" {{{asks},"model":"m","messages":[],"stream":true}}"#);
    assert_eq!(patched(r#","stream":true"#), inserted);
    for options in
        ["null", "{}", r#"{"include_usage":false}"#, r#"{"include_usage":null}"#, r#"{"include_usage":true}"#]
    {
        let before = format!(r#","stream":true,"stream_options":{options}"#);
        assert_eq!(patched(&before), members(&format!(",{asks}")), "{options}");
    }
    let before = r#","stream":true,"stream_options":{"include_obfuscation":false}"#;
    let behind = r#","stream_options":{"include_usage":true,"include_obfuscation":false}"#;
    assert_eq!(patched(before), members(behind));
}

#[test]
fn a_body_that_is_not_streamed_stays_as_it_is() {
    for more in ["", r#","stream":false"#, r#","stream":null,"stream_options":null"#] {
        assert_eq!(patched(more), format!(r#" {{"model":"m","messages":[]{more}}}"#));
    }
}

#[test]
fn the_wish_for_a_usage_event_is_read() {
    let delivery = |more: &str| {
        let json = format!(r#"{{"model":"m","messages":[]{more}}}"#);
        outline(document(&json).root()).unwrap().delivery
    };
    assert_eq!(delivery(""), Delivery::Whole);
    assert_eq!(delivery(r#","stream":true"#), Delivery::Stream { usage: false });
    let asks = r#","stream":true,"stream_options":{"include_usage":true}"#;
    assert_eq!(delivery(asks), Delivery::Stream { usage: true });
    let json = r#"{"model":"m","messages":[],"stream_options":5}"#;
    let invalid = outline(document(json).root()).unwrap_err();
    assert_eq!((&*invalid.param, invalid.fault), ("stream_options", InvalidFault::Wrong));
}

/// Which events of the fixture `name` are notable, and which are there for usage alone.
fn look(name: &str) -> (Vec<usize>, Vec<usize>) {
    let stream = fixture(&format!("streams/{name}.sse"));
    let (mut notable, mut usage_only, mut number) = (Vec::new(), Vec::new(), 0);
    let mut look = |event: sse::Event<'_>| {
        if is_notable(event) {
            notable.push(number);
        }
        if is_usage_only(event) {
            usage_only.push(number);
        }
        number += 1;
    };
    let mut decoder = sse::Decoder::new(1 << 20);
    decoder.push(stream.as_bytes(), &mut look).unwrap();
    decoder.finish(&mut look);
    (notable, usage_only)
}

#[test]
fn only_usage_errors_ends_and_further_answers_are_notable() {
    assert_eq!(look("plain"), (vec![4, 5, 6], vec![5]));
    assert_eq!(look("usage_with_choices"), (vec![2, 3, 4], vec![]));
    assert_eq!(look("error"), (vec![2], vec![]));
    assert_eq!(look("azure"), (vec![3, 4], vec![]));
    assert_eq!(look("cut_off"), (vec![], vec![]));
}

#[test]
fn words_of_a_model_about_usage_and_errors_are_not_notable() {
    let event = |data: &str| {
        let block = format!("data: {data}\n\n");
        let (mut decoder, mut notable) = (sse::Decoder::new(1 << 20), false);
        decoder.push(block.as_bytes(), |event| notable = is_notable(event)).unwrap();
        notable
    };
    assert!(!event(r#"{"choices":[{"delta":{"content":"{\"usage\":{}, \"error\":1}"}}],"usage" : null}"#));
    assert!(event(r#"{"choices":[],"usage" : {"prompt_tokens":1}}"#));
    assert!(event(r#"{"error" :"x"}"#));
    assert!(!event(
        r#"{"choices":[{"index" : 0,"delta":{"content":"\"finish_reason\":\"stop\""},"finish_reason" : null}]}"#
    ));
    assert!(event(r#"{"choices":[{"index":0,"delta":{},"finish_reason" : "stop"}]}"#));
    assert!(event(r#"{"choices":[{"index":1,"delta":{}}]}"#));
    assert!(event("[DONE]"));
}
