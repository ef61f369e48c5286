//! Reading and writing whole replies.

use std::collections::BTreeSet;

use super::{document, fixture, text_of};
use crate::chat::{Choice, Finish, Part, Reply, Text, Usage};
use crate::dialects::Unreadable;
use crate::dialects::openai_chat::{read_reply, read_usage, write_reply};

fn reply(json: &str) -> Result<Reply<'static>, Unreadable> {
    read_reply(document(json).root())
}

fn thinking(text: &str) -> Part<'_> {
    Part::Thinking { text: text.into(), signature: "".into() }
}

/// Reads the fixture `name`: its answers, and the tokens in the order of [`Usage`].
#[track_caller]
fn check(name: &str, choices: Vec<Choice<'_>>, usage: [u64; 5]) {
    let reply = reply(&fixture(&format!("replies/{name}.json"))).unwrap();
    assert_eq!(reply.choices, choices);
    let [prompt, completion, cached, cache_written, reasoning] = usage;
    assert_eq!(reply.usage, Some(Usage { prompt, completion, cached, cache_written, reasoning }));
}

#[test]
fn text_calls_refusals_and_reasoning_are_read() {
    let answer = |parts, finish| vec![Choice { parts, finish }];
    check("plain", answer(vec![Part::Text("The Tiber.".into())], Finish::Stop), [14, 4, 0, 0, 0]);
    let call = |id: &'static str, name: &'static str, arguments: &'static str| Part::ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
    };
    let calls = vec![call("call_a", "get_weather", r#"{"city":"Rome"}"#), call("call_b", "now", "{}")];
    check("tool_calls", answer(calls, Finish::ToolCalls), [80, 31, 64, 0, 0]);
    let refusal = vec![Part::Refusal("I cannot help with that.".into())];
    check("refusal", answer(refusal, Finish::Stop), [20, 8, 0, 0, 0]);
    let parts = vec![thinking("Compare the tenths."), Part::Text("9.8 is larger.".into())];
    check("deepseek", answer(parts, Finish::Stop), [12, 40, 8, 0, 30]);
    let parts = vec![thinking("Letters."), Part::Text("a, b".into())];
    check("vllm_stop_text", answer(parts, Finish::StopText(Some("END".into()))), [3, 2, 0, 0, 0]);
}

#[test]
fn several_answers_are_put_in_their_order() {
    let one = Choice { parts: vec![Part::Text("One.".into())], finish: Finish::Filtered };
    let two = Choice { parts: vec![Part::Text("Two.".into())], finish: Finish::Length };
    check("two_answers", vec![one, two], [9, 6, 0, 0, 0]);
}

#[test]
fn every_word_for_an_end_is_understood() {
    let cases = [
        ("stop", "", Finish::Stop),
        ("eos_token", "", Finish::Stop),
        ("length", "", Finish::Length),
        ("model_length", "", Finish::Length),
        ("content_filter", "", Finish::Filtered),
        ("function_call", "", Finish::ToolCalls),
        ("tool_calls", r#","tool_calls":[{"id":"c","function":{"name":"f"}}]"#, Finish::ToolCalls),
        ("stop", r#","tool_calls":[{"id":"c","function":{"name":"f"}}]"#, Finish::ToolCalls),
        ("length", r#","tool_calls":[{"id":"c","function":{"name":"f"}}]"#, Finish::Length),
    ];
    for (word, more, finish) in cases {
        let json =
            format!(r#"{{"choices":[{{"message":{{"content":"x"{more}}},"finish_reason":"{word}"}}]}}"#);
        assert_eq!(reply(&json).unwrap().choices[0].finish, finish, "{json}");
    }
    let json = r#"{"choices":[{"message":{"tool_calls":[{"id":"c","function":{"name":"f"}}]},"finish_reason":null}]}"#;
    assert_eq!(reply(json).unwrap().choices[0].finish, Finish::ToolCalls);
}

#[test]
fn content_in_parts_is_read() {
    let content = r#"[{"type":"thinking","thinking":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
        {"type":"text","text":"c"},{"type":"reference","reference_ids":[1]}]"#;
    let reply = reply(&format!(r#"{{"choices":[{{"message":{{"content":{content}}}}}]}}"#)).unwrap();
    assert_eq!(reply.choices[0].parts, [thinking("a"), thinking("b"), Part::Text("c".into())]);
    assert_eq!((reply.id, reply.model, reply.usage), (Text::from(""), Text::from(""), None));
}

#[test]
fn what_is_no_reply_cannot_be_read() {
    let bodies = [
        "[]",
        "{}",
        "5",
        r#"{"error":"x"}"#,
        r#"{"choices":{}}"#,
        r#"{"choices":[]}"#,
        r#"{"choices":[5]}"#,
        r#"{"choices":[{"text":"x"}]}"#,
        r#"{"choices":[{"message":{"tool_calls":[{"id":"x"}]}}]}"#,
    ];
    for body in bodies {
        assert_eq!(reply(body), Err(Unreadable), "{body}");
    }
}

#[test]
fn reasoning_that_only_the_total_counts_is_counted() {
    let usage = read_usage(
        br#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":35,
        "completion_tokens_details":{"reasoning_tokens":20}}"#,
    )
    .unwrap();
    assert_eq!((usage.prompt, usage.completion, usage.reasoning), (10, 25, 20));
    let usage = read_usage(br#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":3}"#).unwrap();
    assert_eq!((usage.prompt, usage.completion), (10, 5));
    let usage = read_usage(
        br#"{"prompt_tokens":10,"prompt_tokens_details":{"cache_write_tokens":7},"cached_tokens":3}"#,
    )
    .unwrap();
    assert_eq!((usage.cached, usage.cache_written), (3, 7));
    for body in ["null", "5", "", "{", "[]"] {
        assert_eq!(read_usage(body.as_bytes()), None, "{body}");
    }
}

fn written(reply: &Reply<'_>) -> String {
    let mut out = Vec::new();
    write_reply(reply, 1760000000, &mut out);
    text_of(out)
}

#[test]
fn a_reply_is_written_as_openai_writes_it() {
    let parts = vec![thinking("hm"), Part::Text("Hello, ".into()), Part::Text("\"you\"".into())];
    let usage = Usage { prompt: 10, completion: 5, cached: 4, cache_written: 2, reasoning: 1 };
    let choices = vec![Choice { parts, finish: Finish::StopText(Some("END".into())) }];
    let reply = Reply { id: "msg_1".into(), model: "claude".into(), choices, usage: Some(usage) };
    let expected = concat!(
        r#"{"id":"msg_1","object":"chat.completion","created":1760000000,"model":"claude","choices":[{"index":0,"#,
        r#""message":{"role":"assistant","content":"Hello, \"you\"","reasoning_content":"hm","refusal":null},"#,
        r#""logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"#,
        r#""total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"#,
        r#""completion_tokens_details":{"reasoning_tokens":1}}}"#,
    );
    assert_eq!(written(&reply), expected);
}

#[test]
fn a_reply_that_says_nothing_in_words_has_null_for_content() {
    let call = Part::ToolCall { id: "c".into(), name: "f".into(), arguments: r#"{"a":1}"#.into() };
    let message = |parts| {
        let choices = vec![Choice { parts, finish: Finish::ToolCalls }];
        let json = written(&Reply { id: "r".into(), model: "m".into(), choices, usage: None });
        let (_, behind) = json.split_once(r#""message":"#).unwrap();
        behind.split_once(r#","logprobs""#).unwrap().0.to_owned()
    };
    let calls = r#"[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]"#;
    let expected = format!(r#"{{"role":"assistant","content":null,"refusal":null,"tool_calls":{calls}}}"#);
    assert_eq!(message(vec![call]), expected);
    let refusal = message(vec![Part::Refusal("no".into())]);
    assert_eq!(refusal, r#"{"role":"assistant","content":null,"refusal":"no"}"#);
    assert_eq!(message(vec![]), r#"{"role":"assistant","content":"","refusal":null}"#);
}

#[test]
fn calls_without_ids_get_distinct_ones() {
    let ids = |id: &str| -> Vec<String> {
        let call = r#"{"function":{"name":"f","arguments":"{}"}}"#;
        let choice =
            format!(r#"{{"message":{{"tool_calls":[{call},{{"id":"x","function":{{}}}},{call}]}}}}"#);
        let read = reply(&format!(r#"{{"id":"{id}","choices":[{choice},{choice}]}}"#)).unwrap();
        let id = |part| match part {
            Part::ToolCall { id, .. } => id.plain().into_owned(),
            other => panic!("{other:?}"),
        };
        read.choices.into_iter().flat_map(|choice| choice.parts).map(id).collect()
    };
    let (one, other) = (ids("r1"), ids("r2"));
    assert_eq!(ids("r1"), one);
    assert_eq!((one[1].as_str(), one[4].as_str()), ("x", "x"));
    let made_up = || one.iter().chain(&other).filter(|id| *id != "x");
    let distinct: BTreeSet<_> = made_up().collect();
    assert_eq!((distinct.len(), made_up().count()), (8, 8), "{distinct:?}");
    // The only form that Mistral takes.
    assert!(made_up().all(|id| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
}

#[test]
fn every_fixture_written_again_reads_the_same() {
    for name in ["plain", "tool_calls", "refusal", "deepseek", "two_answers"] {
        let read = reply(&fixture(&format!("replies/{name}.json"))).unwrap();
        assert_eq!(reply(&written(&read)).unwrap(), read, "{name}");
    }
}
