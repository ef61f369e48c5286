//! Streams to clients.

use crate::chat::{Delta, ErrorClass, Failure, Finish, Usage};
use crate::dialects::anthropic_messages::StreamWriter;
use crate::wire::json::Document;
use crate::wire::sse;

/// Writes the steps and returns the events in short: `+0 text`, `0 hi`, `-0`, and the rest as its data.
fn written(deltas: &[Delta<'_>]) -> Vec<String> {
    let (mut writer, mut out, mut events) = (StreamWriter::default(), Vec::new(), Vec::new());
    for delta in deltas {
        writer.write(delta, &mut out);
    }
    let mut decoder = sse::Decoder::new(1 << 24);
    decoder.push(&out, |event| events.push(short(event))).expect("short events");
    assert!(decoder.is_between_events());
    events
}

fn short(event: sse::Event<'_>) -> String {
    let data = event.data().expect("data");
    let document = Document::parse(&data).expect("JSON");
    let root = document.root();
    let text = |path: &[&str]| {
        let value = path.iter().try_fold(root, |value, name| value.get(name));
        value.map_or(String::new(), |value| {
            value.as_str().map_or(value.raw().into(), |text| text.decode().into())
        })
    };
    assert_eq!(text(&["type"]).as_bytes(), event.name());
    let index = text(&["index"]);
    match text(&["type"]).as_str() {
        "message_start" => format!("start {} {}", text(&["message", "id"]), text(&["message", "model"])),
        "content_block_start" => match text(&["content_block", "type"]).as_str() {
            "tool_use" => {
                let (id, name) = (text(&["content_block", "id"]), text(&["content_block", "name"]));
                format!("+{index} tool_use {id} {name} {}", text(&["content_block", "input"]))
            }
            kind => format!("+{index} {kind}{}", text(&["content_block", "data"])),
        },
        "content_block_delta" => {
            let names = ["text", "thinking", "signature", "partial_json"];
            let said = names.map(|name| text(&["delta", name])).concat();
            format!("{index} {} {said}", text(&["delta", "type"]))
        }
        "content_block_stop" => format!("-{index}"),
        "message_delta" => {
            format!("{} {}", text(&["delta", "stop_reason"]), text(&["usage", "output_tokens"]))
        }
        "message_stop" => "stop".to_owned(),
        _ => std::str::from_utf8(&data).expect("text").to_owned(),
    }
}

/// Checks the events between `message_start` and the end of an answer of these steps.
fn check(deltas: Vec<Delta<'static>>, expected: &[&str], reason: &str) {
    let mut steps = vec![begin()];
    steps.extend(deltas);
    steps.push(Delta::End);
    let mut all = vec!["start i m".to_owned()];
    all.extend(expected.iter().map(|&event| event.to_owned()));
    all.extend([format!("{reason} 0"), "stop".to_owned()]);
    assert_eq!(written(&steps), all);
}

fn begin() -> Delta<'static> {
    Delta::Start { id: "i".into(), model: "m".into() }
}

fn text(text: &'static str) -> Delta<'static> {
    Delta::Text { choice: 0, text: text.into() }
}

fn thinking(text: &'static str) -> Delta<'static> {
    Delta::Thinking { choice: 0, text: text.into() }
}

fn signature(text: &'static str) -> Delta<'static> {
    Delta::Signature { choice: 0, text: text.into() }
}

fn call(call: u32, id: &'static str) -> Delta<'static> {
    Delta::CallStart { choice: 0, call, id: id.into(), name: "f".into() }
}

fn arguments(call: u32, json: &'static str) -> Delta<'static> {
    Delta::CallArguments { choice: 0, call, json: json.into() }
}

fn finish(finish: Finish<'static>) -> Delta<'static> {
    Delta::Finish { choice: 0, finish }
}

#[test]
fn text_opens_one_block() {
    check(
        vec![text(""), text("a"), text("b"), finish(Finish::Stop)],
        &["+0 text", "0 text_delta a", "0 text_delta b", "-0"],
        "end_turn",
    );
}

#[test]
fn an_answer_without_content_is_legal() {
    check(vec![finish(Finish::Length)], &[], "max_tokens");
    let unnamed = Delta::Start { id: "".into(), model: "".into() };
    assert_eq!(written(&[unnamed]), ["start msg_unknown "]);
    assert_eq!(written(&[Delta::End]), ["start msg_unknown ", "end_turn 0", "stop"]);
}

#[test]
fn the_end_waits_for_usage() {
    let usage = Usage { prompt: 7, completion: 3, ..Usage::default() };
    let steps = [begin(), text("a"), finish(Finish::Stop), Delta::Usage(usage), Delta::End];
    assert_eq!(written(&steps)[3..], ["-0", "end_turn 3", "stop"]);
}

#[test]
fn nothing_follows_the_end() {
    let steps = [begin(), Delta::End, text("late"), Delta::End];
    assert_eq!(written(&steps), ["start i m", "end_turn 0", "stop"]);
}

#[test]
fn each_kind_of_content_has_its_block() {
    check(
        vec![
            thinking("hm"),
            signature("s"),
            thinking("again"),
            text("a"),
            call(0, "t"),
            arguments(0, "{}"),
            text("b"),
        ],
        &[
            "+0 thinking",
            "0 thinking_delta hm",
            "0 signature_delta s",
            "-0",
            "+1 thinking",
            "1 thinking_delta again",
            "-1",
            "+2 text",
            "2 text_delta a",
            "-2",
            "+3 tool_use t f {}",
            "3 input_json_delta {}",
            "-3",
            "+4 text",
            "4 text_delta b",
            "-4",
        ],
        "tool_use",
    );
}

#[test]
fn encrypted_thinking_is_a_block_of_its_own() {
    let redacted = Delta::RedactedThinking { choice: 0, data: "d".into() };
    check(
        vec![redacted, text("a")],
        &["+0 redacted_thinkingd", "-0", "+1 text", "1 text_delta a", "-1"],
        "end_turn",
    );
    check(vec![signature("s")], &["+0 thinking", "0 signature_delta s", "-0"], "end_turn");
}

#[test]
fn a_refusal_is_text_with_a_reason() {
    let refusal = Delta::Refusal { choice: 0, text: "no".into() };
    check(vec![refusal.clone(), finish(Finish::Stop)], &["+0 text", "0 text_delta no", "-0"], "refusal");
    let after_a_call =
        ["+0 tool_use t f {}", "0 input_json_delta {}", "-0", "+1 text", "1 text_delta no", "-1"];
    check(vec![call(0, "t"), refusal, finish(Finish::Stop)], &after_a_call, "tool_use");
}

#[test]
fn calls_one_after_the_other_are_told_at_once() {
    let steps = [begin(), call(0, "t0"), arguments(0, "{\"a\""), arguments(0, ":\"}\"}"), call(1, "t1")];
    let expected = [
        "start i m",
        "+0 tool_use t0 f {}",
        "0 input_json_delta {\"a\"",
        "0 input_json_delta :\"}\"}",
        "-0",
        "+1 tool_use t1 f {}",
    ];
    assert_eq!(written(&steps), expected);
}

#[test]
fn interleaved_calls_are_put_one_behind_the_other() {
    check(
        vec![
            call(0, "t0"),
            call(1, "t1"),
            call(2, "t2"),
            arguments(2, "{}"),
            arguments(1, "{\"b\""),
            arguments(0, "{"),
            arguments(0, "}"),
            arguments(1, ":1}"),
            finish(Finish::ToolCalls),
        ],
        &[
            "+0 tool_use t0 f {}",
            "0 input_json_delta {",
            "0 input_json_delta }",
            "-0",
            "+1 tool_use t1 f {}",
            "1 input_json_delta {\"b\"",
            "1 input_json_delta :1}",
            "-1",
            "+2 tool_use t2 f {}",
            "2 input_json_delta {}",
            "-2",
        ],
        "tool_use",
    );
}

#[test]
fn calls_without_arguments_are_told_an_empty_object_at_the_end() {
    let empty = |index| {
        [format!("+{index} tool_use t f {{}}"), format!("{index} input_json_delta {{}}"), format!("-{index}")]
    };
    let expected = [empty(0), empty(1)].concat();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check(vec![call(0, "t"), call(1, "t")], &expected, "tool_use");
    let spaced = ["+0 tool_use t f {}", "0 input_json_delta  ", "0 input_json_delta {}", "-0"];
    check(vec![call(0, "t"), arguments(0, " ")], &spaced, "tool_use");
    let scalar = ["+0 tool_use t f {}", "0 input_json_delta 1", "-0"];
    check(vec![call(0, "t"), arguments(0, "1")], &scalar, "tool_use");
}

#[test]
fn brackets_inside_strings_do_not_end_a_call() {
    // The escapes are those of a JSON string that holds the arguments, as providers send them.
    let document = Document::parse(br#"["{\"a\":\"\\\"}\u007d\",", "\"b\":[{}]", "}"]"#).expect("JSON");
    let mut steps = vec![begin(), call(0, "t0"), call(1, "t1")];
    let pieces = document.root().items().filter_map(|piece| piece.as_str());
    steps.extend(pieces.map(|json| Delta::CallArguments { choice: 0, call: 0, json: json.into() }));
    let events = written(&steps);
    assert_eq!(
        events[2..5],
        ["0 input_json_delta {\"a\":\"\\\"}}\",", "0 input_json_delta \"b\":[{}]", "0 input_json_delta }"]
    );
    assert_eq!(events[5..], ["-0", "+1 tool_use t1 f {}"]);
}

#[test]
fn brackets_may_be_escaped() {
    let document = Document::parse(br#"["\u007b\u0022a\u0022:\u0022{\u0022\u007d"]"#).expect("JSON");
    let json = document.root().items().next().and_then(|piece| piece.as_str()).expect("a string");
    let arguments = Delta::CallArguments { choice: 0, call: 0, json: json.into() };
    let events = written(&[begin(), call(0, "t0"), call(1, "t1"), arguments]);
    assert_eq!(events.last().unwrap(), "+1 tool_use t1 f {}");
}

const DISORDER: &str = concat!(
    r#"{"type":"error","error":{"type":"api_error","#,
    r#""message":"the provider's tool calls cannot be put in order"}}"#
);

#[test]
fn a_piece_of_a_call_that_is_closed_fails_the_stream() {
    let steps = [begin(), call(0, "t0"), arguments(0, "{}"), text("a"), arguments(0, "1"), Delta::End];
    assert_eq!(written(&steps).last().unwrap(), DISORDER);
}

#[test]
fn what_is_said_between_the_pieces_of_a_call_stands_behind_it() {
    check(
        vec![
            call(0, "t0"),
            text("\n"),
            arguments(0, "{"),
            text("a"),
            thinking("hm"),
            call(1, "t1"),
            arguments(0, "}"),
            text("b"),
            arguments(1, "{}"),
            text("c"),
        ],
        &[
            "+0 tool_use t0 f {}",
            "0 input_json_delta {",
            "0 input_json_delta }",
            "-0",
            "+1 tool_use t1 f {}",
            "1 input_json_delta {}",
            "-1",
            "+2 text",
            "2 text_delta \na",
            "-2",
            "+3 thinking",
            "3 thinking_delta hm",
            "-3",
            "+4 text",
            "4 text_delta b",
            "4 text_delta c",
            "-4",
        ],
        "tool_use",
    );
}

#[test]
fn white_space_between_the_pieces_of_a_call_is_passed_over() {
    check(
        vec![call(0, "t"), arguments(0, "{"), text("\n"), arguments(0, "}")],
        &["+0 tool_use t f {}", "0 input_json_delta {", "0 input_json_delta }", "-0"],
        "tool_use",
    );
}

#[test]
fn what_is_said_behind_a_call_that_is_never_whole_is_told_at_the_end() {
    check(
        vec![call(0, "t"), arguments(0, "{"), text("a"), finish(Finish::Length)],
        &["+0 tool_use t f {}", "0 input_json_delta {", "-0", "+1 text", "1 text_delta a", "-1"],
        "max_tokens",
    );
}

#[test]
fn white_space_behind_a_call_is_passed_over() {
    let steps =
        vec![call(0, "t0"), arguments(0, "{}"), call(1, "t1"), arguments(1, "{}"), arguments(0, " \n")];
    let expected = [
        "+0 tool_use t0 f {}",
        "0 input_json_delta {}",
        "-0",
        "+1 tool_use t1 f {}",
        "1 input_json_delta {}",
        "-1",
    ];
    check(steps, &expected, "tool_use");
}

#[test]
fn what_is_said_meanwhile_is_held_up_to_a_bound() {
    let last = |said: usize| {
        let long: &'static str = Box::leak("x".repeat(1 << 19).into_boxed_str());
        let mut steps = vec![begin(), call(0, "t0"), arguments(0, "{")];
        steps.extend((0..said).map(|_| text(long)));
        steps.extend([arguments(0, "}"), Delta::End]);
        written(&steps).pop()
    };
    assert_eq!(last(1).as_deref(), Some("stop"));
    // What cannot be held is told at once, behind the end of the call's block.
    assert_eq!(last(2).as_deref(), Some(DISORDER));
}

#[test]
fn what_waits_is_bounded() {
    let long: &'static str = Box::leak(format!("\"{}\"", "x".repeat(1 << 19)).into_boxed_str());
    let once = [begin(), call(0, "t0"), call(1, "t1"), arguments(1, long)];
    assert_ne!(written(&once).last().unwrap(), DISORDER);
    let twice = [begin(), call(0, "t0"), call(1, "t1"), arguments(1, long), arguments(1, long), Delta::End];
    assert_eq!(written(&twice).last().unwrap(), DISORDER);
}

#[test]
fn an_error_ends_the_stream() {
    let failure = Failure {
        status: 529,
        class: ErrorClass::Overloaded,
        code: "".into(),
        message: "m".into(),
        param: "".into(),
    };
    let steps = [begin(), text("a"), Delta::Failed(failure), text("b"), Delta::End];
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#;
    assert_eq!(written(&steps)[3..], [error]);
}

#[test]
fn further_answers_are_not_told() {
    let second = Delta::Text { choice: 1, text: "b".into() };
    let ended = Delta::Finish { choice: 1, finish: Finish::Length };
    check(vec![text("a"), second, ended], &["+0 text", "0 text_delta a", "-0"], "end_turn");
}

#[test]
fn the_stop_text_is_named() {
    let mut out = Vec::new();
    let mut writer = StreamWriter::default();
    for step in [begin(), finish(Finish::StopText(Some("\n".into()))), Delta::End] {
        writer.write(&step, &mut out);
    }
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(r#""delta":{"stop_reason":"stop_sequence","stop_sequence":"\n"}"#), "{out}");
}
