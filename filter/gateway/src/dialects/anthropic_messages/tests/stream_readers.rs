//! Streams of providers.

use crate::chat::{Delta, ErrorClass, Finish, Usage};
use crate::dialects::Unreadable;
use crate::dialects::anthropic_messages::{StreamReader, is_notable};
use crate::wire::sse;

/// Reads events with these data and returns what they say, one line each.
fn read(events: &[&str]) -> Result<Vec<String>, Unreadable> {
    let stream: String = events.iter().map(|data| format!("event: x\ndata: {data}\n\n")).collect();
    read_stream(&stream)
}

/// Reads a stream as it is and returns what it says, one line each.
fn read_stream(stream: &str) -> Result<Vec<String>, Unreadable> {
    let (mut reader, mut said, mut result) = (StreamReader::default(), Vec::new(), Ok(()));
    let mut decoder = sse::Decoder::new(1 << 16);
    let read = |event: sse::Event<'_>| {
        result = result.and(reader.read(event, &mut |delta| said.push(line(&delta))));
    };
    decoder.push(stream.as_bytes(), read).expect("short events");
    reader.finish(&mut |delta| said.push(line(&delta)));
    result.map(|()| said)
}

fn line(delta: &Delta<'_>) -> String {
    match delta {
        Delta::Start { id, model } => format!("start {} {}", id.plain(), model.plain()),
        Delta::Text { text, .. } => format!("text {}", text.plain()),
        Delta::Refusal { text, .. } => format!("refusal {}", text.plain()),
        Delta::Thinking { text, .. } => format!("thinking {}", text.plain()),
        Delta::Signature { text, .. } => format!("signature {}", text.plain()),
        Delta::RedactedThinking { data, .. } => format!("redacted {}", data.plain()),
        Delta::CallStart { call, id, name, .. } => format!("call {call} {} {}", id.plain(), name.plain()),
        Delta::CallArguments { call, json, .. } => format!("arguments {call} {}", json.plain()),
        Delta::Finish { finish: Finish::StopText(Some(text)), .. } => format!("stopped at {}", text.plain()),
        Delta::Finish { finish, .. } => format!("finish {finish:?}"),
        Delta::Usage(Usage { prompt, completion, cached, cache_written, reasoning }) => {
            format!("usage {prompt} {completion} {cached} {cache_written} {reasoning}")
        }
        Delta::End => "end".to_owned(),
        Delta::Failed(failure) => {
            format!("failed {} {:?} {}", failure.status, failure.class, failure.message)
        }
    }
}

/// Checks what the events behind the start say.
fn check(events: &[&str], expected: &[&str]) {
    let said = read(&[&[START], events].concat()).expect("a readable stream");
    assert_eq!(said[1..], *expected, "{events:?}");
}

const START: &str = r#"{"type":"message_start","message":{"id":"i","model":"m"}}"#;

const TOOL: &str = r#"{"type":"tool_use","id":"t","name":"f","input":{}}"#;

fn start(index: u32, block: &str) -> String {
    format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#)
}

fn piece(index: u32, delta: &str) -> String {
    format!(r#"{{"type":"content_block_delta","index":{index},"delta":{delta}}}"#)
}

fn stop(index: u32) -> String {
    format!(r#"{{"type":"content_block_stop","index":{index}}}"#)
}

#[test]
fn text_arrives_piece_by_piece() {
    check(
        &[
            &start(0, r#"{"type":"text","text":""}"#),
            r#"{"type":"ping"}"#,
            &piece(0, r#"{"type":"text_delta","text":"a\n"}"#),
            &piece(0, r#"{"type":"text_delta","text":""}"#),
            &stop(0),
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#,
            r#"{"type":"message_stop"}"#,
        ],
        &["text a\n", "finish Stop", "usage 0 9 0 0 0", "end"],
    );
}

#[test]
fn later_counts_replace_those_they_name() {
    let said = read(&[
        concat!(
            r#"{"type":"message_start","message":{"id":"i","model":"m","usage":{"input_tokens":5,"#,
            r#""cache_read_input_tokens":2,"cache_creation_input_tokens":3,"output_tokens":1}}}"#
        ),
        concat!(
            r#"{"type":"message_delta","delta":{},"usage":{"input_tokens":6,"output_tokens":8,"#,
            r#""output_tokens_details":{"thinking_tokens":4}}}"#
        ),
    ])
    .unwrap();
    assert_eq!(said, ["start i m", "usage 10 1 2 3 0", "usage 11 8 2 3 4"]);
}

#[test]
fn calls_are_counted_and_their_arguments_joined() {
    let json =
        |index, text: &str| piece(index, &format!(r#"{{"type":"input_json_delta","partial_json":{text}}}"#));
    check(
        &[
            &start(0, r#"{"type":"text","text":"x"}"#),
            &start(1, TOOL),
            &json(1, r#""""#),
            &json(1, r#""{\"a\":""#),
            &json(1, r#""1}""#),
            &stop(1),
            &start(2, TOOL),
            &json(2, r#""{}""#),
            &stop(2),
        ],
        &["text x", "call 0 t f", "arguments 0 {\"a\":", "arguments 0 1}", "call 1 t f", "arguments 1 {}"],
    );
}

#[test]
fn a_number_that_is_used_again_means_the_later_block() {
    let json = |text: &str| piece(0, &format!(r#"{{"type":"input_json_delta","partial_json":"{text}"}}"#));
    check(
        &[&start(0, TOOL), &json("1"), &stop(0), &start(0, TOOL), &json("2"), &stop(0)],
        &["call 0 t f", "arguments 0 1", "call 1 t f", "arguments 1 2"],
    );
}

#[test]
fn a_call_without_arguments_gets_an_empty_object() {
    check(&[&start(0, TOOL), &stop(0), &stop(0)], &["call 0 t f", "arguments 0 {}"]);
}

#[test]
fn a_call_may_come_whole() {
    let whole = r#"{"type":"tool_use","id":"t","name":"f","input":{"a": 1}}"#;
    check(&[&start(0, whole), &stop(0)], &["call 0 t f", "arguments 0 {\"a\": 1}"]);
}

#[test]
fn thinking_arrives_with_its_signature() {
    check(
        &[
            &start(0, r#"{"type":"thinking","thinking":"","signature":""}"#),
            &piece(0, r#"{"type":"thinking_delta","thinking":"hm"}"#),
            &piece(0, r#"{"type":"signature_delta","signature":"s"}"#),
            &stop(0),
            &start(1, r#"{"type":"redacted_thinking","data":"d"}"#),
            &stop(1),
        ],
        &["thinking hm", "signature s", "redacted d"],
    );
}

#[test]
fn what_is_unknown_is_passed_over() {
    check(
        &[
            r#"{"type":"new_event"}"#,
            &start(0, r#"{"type":"server_tool_use","id":"x","name":"web_search","input":{"q":1}}"#),
            &piece(0, r#"{"type":"input_json_delta","partial_json":"{"}"#),
            &piece(0, r#"{"type":"citations_delta","citation":{}}"#),
            &stop(0),
        ],
        &[],
    );
}

#[test]
fn the_end_names_the_stop_text() {
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END"}}"#;
    check(&[end], &["stopped at END", "end"]);
}

#[test]
fn an_answer_whose_reason_is_told_has_ended_without_its_last_event() {
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#;
    let usage = r#"{"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":1}}"#;
    check(&[end, usage], &["finish Stop", "usage 0 1 0 0 0", "end"]);
    check(&[usage], &["usage 0 1 0 0 0"]);
    check(&[end, r#"{"type":"message_stop"}"#], &["finish Stop", "end"]);
}

#[test]
fn an_error_has_the_status_it_would_have_had() {
    let error = |kind: &str| format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"m"}}}}"#);
    check(&[&error("overloaded_error")], &["failed 529 Overloaded m"]);
    check(&[&error("rate_limit_error")], &["failed 429 RateLimit m"]);
    check(&[&error("new_error")], &["failed 500 Server m"]);
    check(&[r#"{"type":"error","error":"x"}"#], &["failed 500 Server the provider reported an error"]);
    assert_eq!(ErrorClass::of_status(529), ErrorClass::Overloaded);
}

#[test]
fn what_follows_the_end_is_not_looked_at() {
    let error = r#"{"type":"error","error":{"type":"api_error","message":"m"}}"#;
    check(&[r#"{"type":"message_stop"}"#, "[DONE]", error], &["end"]);
    check(&[error, r#"{"type":"message_stop"}"#], &["failed 500 Server m"]);
}

#[test]
fn errors_and_pings_begin_nothing() {
    let error = r#"{"type":"error","error":{"type":"api_error","message":"m"}}"#;
    assert_eq!(
        read(&[r#"{"type":"ping"}"#, r#"{"type":"message_new"}"#, error]).unwrap(),
        ["failed 500 Server m"]
    );
}

#[test]
fn an_answer_may_begin_without_its_start() {
    let text = piece(0, r#"{"type":"text_delta","text":"a"}"#);
    let stop = r#"{"type":"message_stop"}"#;
    let delta = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#;
    assert_eq!(
        read(&[&text, &text, delta, stop]).unwrap(),
        ["start  ", "text a", "text a", "finish Stop", "usage 0 9 0 0 0", "end"]
    );
    assert_eq!(read(&[&start(0, TOOL)]).unwrap(), ["start  ", "call 0 t f"]);
    assert_eq!(read(&[stop]).unwrap(), ["start  ", "end"]);
}

#[test]
fn an_event_is_what_its_name_says_where_it_has_no_type() {
    let typed = [
        START,
        &start(0, r#"{"type":"text","text":"a"}"#),
        &stop(0),
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let named: String = typed
        .iter()
        .map(|data| {
            let (kind, rest) = data[9..].split_once('"').unwrap();
            format!("event: {kind}\ndata: {{{}\n\n", rest.trim_start_matches(','))
        })
        .collect();
    assert!(!named.contains(r#""type":"message"#), "{named}");
    assert_eq!(read_stream(&named), read(&typed));
    let error = "event: error\ndata: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n";
    assert_eq!(read_stream(error).unwrap(), ["failed 529 Overloaded m"]);
}

#[test]
fn an_event_without_data_or_of_no_known_kind_says_nothing() {
    let stream = "event: ping\ndata: {}\n\nevent: ping\ndata:\n\nevent: ping\ndata\n\nevent: ping\n\nevent: message_stop\ndata: \n\n\
                  data: {}\n\ndata: {\"a\":1}\n\ndata: [DONE]\n\nevent: new\ndata: {\"index\":0}\n\n";
    assert_eq!(read_stream(stream).unwrap(), Vec::<String>::new());
}

#[test]
fn rubbish_is_unreadable() {
    for event in [
        "x",
        "[]",
        r#"{"type":1}"#,
        START,
        r#"{"type":"content_block_start","content_block":{"type":"text"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":1}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t"}}"#,
    ] {
        assert_eq!(read(&[START, event]), Err(Unreadable), "{event}");
    }
}

#[test]
fn the_number_of_calls_is_bounded() {
    let calls: Vec<String> = (0..1025).map(|index| start(index, TOOL)).collect();
    let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
    assert_eq!(read(&[&[START], &calls[..1024]].concat()).expect("as many as may be").len(), 1025);
    assert_eq!(read(&[&[START], &calls[..]].concat()), Err(Unreadable));
}

#[test]
fn only_content_is_not_notable() {
    for (event, notable) in [
        ("event: content_block_delta\ndata: {}\n\n", false),
        ("event: ping\ndata: {}\n\n", false),
        ("event: message_start\ndata: {}\n\n", true),
        ("event: message_delta\ndata: {}\n\n", true),
        ("event: error\ndata: {}\n\n", true),
        ("data: {}\n\n", true),
    ] {
        let mut decoder = sse::Decoder::new(1000);
        let mut found = Vec::new();
        decoder.push(event.as_bytes(), |event| found.push(is_notable(event))).expect("a short event");
        assert_eq!(found, [notable], "{event}");
    }
}
