//! Reading streams.

use super::{fixture, read_in_pieces};
use crate::dialects::Unreadable;
use crate::dialects::openai_chat::stream_read::{CALLS_MAX, CHOICES_MAX, NAMELESS_BYTES_MAX};

const START: &str = r#"start "chatcmpl-A1b2" "gpt-4o-mini-2024-07-18""#;

/// What the fixture `name` says, however it is cut.
#[track_caller]
fn check(name: &str, expected: &[&str]) {
    let stream = fixture(&format!("streams/{name}.sse"));
    let stream = stream.as_bytes();
    assert_eq!(read_in_pieces(stream, &[]).unwrap(), expected, "{name}");
    for cut in 0..=stream.len() {
        assert_eq!(read_in_pieces(stream, &[cut]).unwrap(), expected, "{name} cut at {cut}");
    }
    let everywhere: Vec<_> = (0..stream.len()).collect();
    assert_eq!(read_in_pieces(stream, &everywhere).unwrap(), expected, "{name} byte by byte");
}

#[test]
fn text_an_end_and_usage_are_read() {
    let expected = [
        START,
        r#"text 0 "The""#,
        r#"text 0 " Tiber""#,
        r#"text 0 " — \"Tevere\"\n""#,
        "finish 0 Stop",
        "usage 14+6",
        "end",
    ];
    check("plain", &expected);
    check("crlf_and_comments", &expected);
    check("cr_only", &expected);
}

#[test]
fn parallel_calls_are_told_apart() {
    check(
        "parallel_calls",
        &[
            START,
            r#"call 0.0 "call_a" "get_weather""#,
            r#"arguments 0.0 "{\"city\"""#,
            r#"arguments 0.0 ":\"Rome\"}""#,
            r#"call 0.1 "call_b" "now""#,
            r#"arguments 0.1 "{}""#,
            r#"call 0.2 "call_c" "now""#,
            r#"arguments 0.2 "{}""#,
            "finish 0 ToolCalls",
            "usage 80+40",
            "end",
        ],
    );
}

#[test]
fn calls_that_share_a_number_are_told_apart_by_their_ids() {
    check(
        "calls_all_numbered_zero",
        &[
            START,
            r#"call 0.0 "f-1" "get_weather""#,
            r#"arguments 0.0 "{\"city\":\"Rome\"}""#,
            r#"call 0.1 "f-2" "get_weather""#,
            r#"arguments 0.1 "{\"city\":\"Oslo\"}""#,
            "finish 0 ToolCalls",
            "end",
        ],
    );
}

#[test]
fn an_id_that_is_repeated_begins_no_other_call() {
    let call = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}]}}]}"#;
    let said = read_in_pieces(format!("data: {call}\n\ndata: {call}\n\n").as_bytes(), &[]).unwrap();
    assert_eq!(
        said,
        [r#"start "" """#, r#"call 0.0 "a" "f""#, r#"arguments 0.0 "1""#, r#"arguments 0.0 "1""#]
    );
}

/// A stream of one chunk for each of these pieces of calls.
fn calls(pieces: &[&str]) -> String {
    let chunk = |piece: &&str| {
        format!("data: {{\"id\":\"r\",\"choices\":[{{\"delta\":{{\"tool_calls\":[{piece}]}}}}]}}\n\n")
    };
    pieces.iter().map(chunk).collect()
}

/// Checks what pieces of calls are read as, between the start and the end of the stream.
#[track_caller]
fn check_calls(pieces: &[&str], expected: &[&str]) {
    let stream = calls(pieces) + "data: [DONE]\n\n";
    let said = read_in_pieces(stream.as_bytes(), &[]).unwrap();
    assert_eq!(said[1..said.len() - 2], *expected);
}

#[test]
fn a_call_begins_once_its_name_is_there() {
    check_calls(
        &[
            r#"{"id":"a"}"#,
            r#"{"function":{"arguments":"{"}}"#,
            r#"{"function":{"name":"f","arguments":"1"}}"#,
            r#"{"function":{"name":"f","arguments":"}"}}"#,
        ],
        &[r#"call 0.0 "a" "f""#, r#"arguments 0.0 "{""#, r#"arguments 0.0 "1""#, r#"arguments 0.0 "}""#],
    );
    check_calls(
        &[r#"{"id":"a"}"#, r#"{"function":{"arguments":"{}"}}"#],
        &[r#"call 0.0 "a" """#, r#"arguments 0.0 "{}""#],
    );
}

#[test]
fn arguments_that_wait_for_a_name_are_bounded() {
    let read = |length: usize| {
        let call = format!(r#"{{"id":"a","function":{{"arguments":"{}"}}}}"#, "1".repeat(length));
        read_in_pieces(calls(&[&call]).as_bytes(), &[])
    };
    assert!(read(NAMELESS_BYTES_MAX - 1).is_ok());
    assert!(read(NAMELESS_BYTES_MAX).is_ok());
    assert_eq!(read(NAMELESS_BYTES_MAX + 1), Err(Unreadable));
}

#[test]
fn calls_without_ids_get_distinct_ones() {
    let call = |index| format!(r#"{{"index":{index},"function":{{"name":"f"}}}}"#);
    check_calls(&[&call(0), &call(1)], &[r#"call 0.0 "5gg30pw78" "f""#, r#"call 0.1 "grp8kd1wj" "f""#]);
}

#[test]
fn the_reply_begins_with_its_first_chunk_and_not_with_the_verdict_before_it() {
    check("azure", &[START, r#"text 0 "Hello""#, "finish 0 Filtered", "end"]);
}

#[test]
fn usage_beside_an_answer_is_read_and_its_end_told_once() {
    check("usage_with_choices", &[START, r#"text 0 "Hi""#, "finish 0 Stop", "usage 5+1", "end"]);
}

#[test]
fn reasoning_refusals_and_several_answers_are_read() {
    let expected = [
        START,
        r#"thinking 0 "Let me""#,
        r#"thinking 0 " see.""#,
        r#"text 0 "42""#,
        "finish 0 Stop",
        "usage 4+9",
        "end",
    ];
    check("reasoning", &expected);
    check("refusal", &[START, r#"refusal 0 "I""#, r#"refusal 0 " cannot.""#, "finish 0 Stop", "end"]);
    let expected = [
        START,
        r#"text 1 "One""#,
        r#"text 0 "Uno""#,
        "finish 0 Stop",
        r#"text 1 "!""#,
        "finish 1 Length",
        "end",
    ];
    check("two_answers", &expected);
}

#[test]
fn an_error_in_the_stream_ends_it_and_a_cut_off_stream_has_no_end() {
    check("error", &[START, r#"text 0 "The""#, r#"failed 500 "The server had an error""#]);
    check("cut_off", &[START, r#"text 0 "The Ti""#]);
}

#[test]
fn a_stream_has_ended_without_its_last_event_once_every_answer_has() {
    let expected = [
        START,
        r#"text 1 "One""#,
        r#"text 0 "Uno""#,
        "finish 0 Stop",
        r#"text 1 "!""#,
        "finish 1 Length",
        "end",
    ];
    check("no_done", &expected);
    let said =
        |choices: &str| read_in_pieces(format!("data: {{\"choices\":[{choices}]}}\n\n").as_bytes(), &[]);
    let (open, ended) = (r#"{"index":0,"delta":{}}"#, r#"{"index":1,"finish_reason":"stop"}"#);
    assert_eq!(said(ended).unwrap(), [r#"start "" """#, "finish 1 Stop", "end"]);
    assert_eq!(said(&format!("{open},{ended}")).unwrap(), [r#"start "" """#, "finish 1 Stop"]);
    assert_eq!(said(open).unwrap(), [r#"start "" """#]);
    let unsaid = r#"{"index":0,"delta":{"content":"a"},"finish_reason":""}"#;
    assert_eq!(said(unsaid).unwrap(), [r#"start "" """#, r#"text 0 "a""#], "an empty reason is none");
}

#[test]
fn nothing_is_read_behind_the_end_or_an_error() {
    let chunk = r#"{"choices":[{"delta":{"content":"x"}}]}"#;
    let said = read_in_pieces(format!("data: {chunk}\n\ndata: [DONE]\n\ndata: {chunk}\n\n").as_bytes(), &[]);
    assert_eq!(said.unwrap(), [r#"start "" """#, r#"text 0 "x""#, "finish 0 Stop", "end"]);
    let said = read_in_pieces(
        format!("data: {{\"error\":\"no\"}}\n\ndata: {chunk}\n\ndata: [DONE]\n\n").as_bytes(),
        &[],
    );
    assert_eq!(said.unwrap(), [r#"failed 500 "no""#]);
}

#[test]
fn an_end_alone_is_an_empty_reply() {
    assert_eq!(read_in_pieces(b"data: [DONE]\n\n", &[]).unwrap(), [r#"start "" """#, "finish 0 Stop", "end"]);
}

#[test]
fn an_event_that_is_no_chunk_cannot_be_read() {
    let chunks = [
        "{",
        "[]",
        "5",
        "\"x\"",
        r#"{"choices":[{"index":-1}]}"#,
        r#"{"choices":[{"index":4294967296}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":"a"}]}}]}"#,
    ];
    for chunk in chunks {
        assert_eq!(read_in_pieces(format!("data: {chunk}\n\n").as_bytes(), &[]), Err(Unreadable), "{chunk}");
    }
}

#[test]
fn events_without_data_and_objects_of_another_kind_say_nothing() {
    let stream = b": hi\n\nevent: ping\n\ndata:\n\ndata: {\"type\":\"ping\"}\n\n";
    assert_eq!(read_in_pieces(stream, &[]).unwrap(), Vec::<String>::new());
}

#[test]
fn a_stream_holds_no_more_answers_and_calls_than_the_bounds() {
    let answers = |count: usize| {
        let choices: Vec<_> =
            (0..count).map(|index| format!(r#"{{"index":{index},"delta":{{}}}}"#)).collect();
        read_in_pieces(format!("data: {{\"choices\":[{}]}}\n\n", choices.join(",")).as_bytes(), &[])
    };
    assert!(answers(CHOICES_MAX - 1).is_ok());
    assert!(answers(CHOICES_MAX).is_ok());
    assert_eq!(answers(CHOICES_MAX + 1), Err(Unreadable));
    let calls = |count: usize| {
        let calls: Vec<_> = (0..count).map(|index| format!(r#"{{"index":{index},"id":"c"}}"#)).collect();
        let chunk = format!(r#"{{"choices":[{{"delta":{{"tool_calls":[{}]}}}}]}}"#, calls.join(","));
        read_in_pieces(format!("data: {chunk}\n\n").as_bytes(), &[])
    };
    assert!(calls(CALLS_MAX - 1).is_ok());
    assert!(calls(CALLS_MAX).is_ok());
    assert_eq!(calls(CALLS_MAX + 1), Err(Unreadable));
}
