//! Whole replies.

use super::document;
use crate::chat::{Choice, Finish, Part, Reply, Text, Usage};
use crate::dialects::Unreadable;
use crate::dialects::anthropic_messages::{read_reply, read_usage, write_reply};

fn read(json: &str) -> Result<Reply<'static>, Unreadable> {
    read_reply(document(json).root())
}

/// Reads a reply with this content and these further members.
fn read_with(content: &str, members: &str) -> Choice<'static> {
    let json = format!(r#"{{"type":"message","id":"i","model":"m","content":{content}{members}}}"#);
    read(&json).expect("a reply").choices.remove(0)
}

fn written(parts: Vec<Part<'static>>, finish: Finish<'static>, usage: Option<Usage>) -> String {
    let choices = vec![Choice { parts, finish }];
    let mut out = Vec::new();
    write_reply(&Reply { id: "i".into(), model: "m".into(), choices, usage }, &mut out);
    String::from_utf8(out).expect("replies are text")
}

#[test]
fn every_kind_of_block_is_read() {
    let choice = read_with(
        r#"[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"},
            {"type":"text","text":"a"},{"type":"server_tool_use","id":"x","name":"web_search","input":{}},
            {"type":"tool_use","id":"t","name":"f","input":{"a":1}}]"#,
        "",
    );
    let expected = [
        Part::Thinking { text: "hm".into(), signature: "s".into() },
        Part::RedactedThinking("d".into()),
        Part::Text("a".into()),
        Part::ToolCall { id: "t".into(), name: "f".into(), arguments: r#"{"a":1}"#.into() },
    ];
    assert_eq!(choice.parts, expected);
    assert_eq!(choice.finish, Finish::ToolCalls);
}

#[test]
fn stop_reasons_are_read() {
    for (reason, finish) in [
        (r#""end_turn""#, Finish::Stop),
        (r#""pause_turn""#, Finish::Stop),
        (r#""stop_sequence","stop_sequence":"END""#, Finish::StopText(Some("END".into()))),
        (r#""stop_sequence","stop_sequence":null"#, Finish::StopText(None)),
        (r#""max_tokens""#, Finish::Length),
        (r#""model_context_window_exceeded""#, Finish::Length),
        (r#""tool_use""#, Finish::ToolCalls),
        (r#""refusal""#, Finish::Filtered),
        (r#""something_new""#, Finish::Stop),
        ("null", Finish::Stop),
    ] {
        assert_eq!(read_with("[]", &format!(r#","stop_reason":{reason}"#)).finish, finish, "{reason}");
    }
}

#[test]
fn prompt_tokens_include_the_cache() {
    let counts = r#"{"input_tokens":10,"cache_read_input_tokens":3,"cache_creation_input_tokens":4,
                     "output_tokens":20,"output_tokens_details":{"thinking_tokens":5}}"#;
    let expected = Usage { prompt: 17, completion: 20, cached: 3, cache_written: 4, reasoning: 5 };
    let reply = read(&format!(r#"{{"type":"message","content":[],"usage":{counts}}}"#)).unwrap();
    assert_eq!(reply.usage, Some(expected));
    assert_eq!(read_usage(counts.as_bytes()), Some(expected));
    assert_eq!(read_usage(br#"{"prompt_tokens":1}"#), None);
    assert_eq!(read_usage(b"{"), None);
    assert!(written(vec![], Finish::Stop, Some(expected)).ends_with(concat!(
        r#""usage":{"input_tokens":10,"cache_creation_input_tokens":4,"cache_read_input_tokens":3,"#,
        r#""output_tokens":20,"output_tokens_details":{"thinking_tokens":5}}}"#
    )));
}

#[test]
fn counts_that_cannot_be_do_not_wrap() {
    let huge = u64::MAX;
    let counts = format!(r#"{{"input_tokens":{huge},"cache_read_input_tokens":{huge},"output_tokens":1}}"#);
    assert_eq!(read_usage(counts.as_bytes()).unwrap().prompt, huge);
    let usage = Usage { prompt: 1, cached: 5, ..Usage::default() };
    assert!(written(vec![], Finish::Stop, Some(usage)).contains(r#""input_tokens":0,"#));
}

#[test]
fn what_is_no_message_is_unreadable() {
    for json in [
        "[]",
        r#"{"content":[]}"#,
        r#"{"type":"error","error":{}}"#,
        r#"{"type":"message"}"#,
        r#"{"type":"message","content":[1]}"#,
        r#"{"type":"message","content":[{"type":"text"}]}"#,
        r#"{"type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":"x"}]}"#,
    ] {
        assert_eq!(read(json).unwrap_err(), Unreadable, "{json}");
    }
}

#[test]
fn a_reply_is_written_whole() {
    let call = Part::ToolCall { id: "t".into(), name: "f".into(), arguments: r#"{"a":1}"#.into() };
    assert_eq!(
        written(vec![Part::Text("".into()), Part::Text("hi".into()), call], Finish::ToolCalls, None),
        concat!(
            r#"{"id":"i","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"},"#,
            r#"{"type":"tool_use","id":"t","name":"f","input":{"a":1}}],"stop_reason":"tool_use","#,
            r#""stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"#,
            r#""cache_read_input_tokens":0,"output_tokens":0}}"#
        )
    );
}

#[test]
fn stop_reasons_are_written() {
    let call = || Part::ToolCall { id: "t".into(), name: "f".into(), arguments: "{}".into() };
    let refusal = || Part::Refusal("no".into());
    for (parts, finish, expected) in [
        (vec![], Finish::Stop, r#""end_turn","stop_sequence":null"#),
        (vec![call()], Finish::Stop, r#""tool_use","stop_sequence":null"#),
        (vec![refusal()], Finish::Stop, r#""refusal","stop_sequence":null"#),
        (vec![call(), refusal()], Finish::Stop, r#""tool_use","stop_sequence":null"#),
        (vec![], Finish::Filtered, r#""refusal","stop_sequence":null"#),
        (vec![call()], Finish::Length, r#""max_tokens","stop_sequence":null"#),
        (vec![], Finish::StopText(Some("\n".into())), r#""stop_sequence","stop_sequence":"\n""#),
        (vec![], Finish::StopText(None), r#""stop_sequence","stop_sequence":null"#),
    ] {
        let reply = written(parts, finish, None);
        assert!(reply.contains(&format!(r#""stop_reason":{expected},"#)), "{expected}: {reply}");
    }
}

#[test]
fn a_refusal_is_written_as_text() {
    let reply = written(vec![Part::Refusal("no".into())], Finish::Stop, None);
    assert!(reply.contains(r#""content":[{"type":"text","text":"no"}]"#), "{reply}");
}

#[test]
fn only_the_first_answer_is_written() {
    let choice = |text: &'static str| Choice { parts: vec![Part::Text(text.into())], finish: Finish::Stop };
    let choices = vec![choice("one"), choice("two")];
    let mut out = Vec::new();
    write_reply(&Reply { id: Text::from("i"), model: "m".into(), choices, usage: None }, &mut out);
    let reply = String::from_utf8(out).unwrap();
    assert!(reply.contains("one") && !reply.contains("two"), "{reply}");
}
