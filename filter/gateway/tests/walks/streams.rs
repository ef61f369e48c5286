//! Streams that keep to the protocol in their own way, through both machines.

use super::walk::Walk;
use super::{ANTHROPIC, ASK_ANTHROPIC, ASK_STREAM, CHUNKS, OPENAI, counted, post};

/// A walk with a try at `target` under way.
fn asked(path: &str, body: &str, target: usize) -> Walk {
    let mut walk = post(path, body);
    walk.attempt(target).unwrap();
    walk
}

/// What a client that asks with `body` at `path` gets of `stream` from `target`, wherever it is cut.
fn got(path: &str, body: &str, target: usize, stream: &str) -> String {
    let whole = asked(path, body, target).reply(200, "text/event-stream", &[stream.as_bytes()]).body;
    for cut in 0..=stream.len() {
        let mut walk = asked(path, body, target);
        let (first, second) = stream.as_bytes().split_at(cut);
        assert_eq!(walk.reply(200, "text/event-stream", &[first, second]).body, whole, "cut at {cut}");
    }
    whole
}

/// A request for a stream in Anthropic's dialect.
fn ask_anthropic() -> String {
    ASK_ANTHROPIC.replace("5,", "5,\"stream\":true,")
}

/// An event of Anthropic's whose name is its type.
fn event(kind: &str, members: &str) -> String {
    format!("event: {kind}\ndata: {{\"type\":\"{kind}\"{members}}}\n\n")
}

/// The answer `ho` in Anthropic's dialect, from the first block to the reason of its end.
fn answer() -> String {
    [
        event("content_block_start", r#","index":0,"content_block":{"type":"text","text":""}"#),
        event("content_block_delta", r#","index":0,"delta":{"type":"text_delta","text":"ho"}"#),
        event("content_block_stop", r#","index":0"#),
        event("message_delta", r#","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}"#),
    ]
    .concat()
}

/// Checks what the client gets of `stream` from the OpenAI provider, wherever it is cut, and that it counts as whole.
fn check(ask: &str, stream: &str, expected: &str) {
    for cut in 0..=stream.len() {
        let mut walk = asked(OPENAI, ask, 0);
        let (first, second) = stream.as_bytes().split_at(cut);
        let got = walk.reply(200, "text/event-stream", &[first, second]);
        assert_eq!(got.body, expected, "cut at {cut}");
        walk.over();
        assert_eq!(walk.state["tollgate.prompt_tokens"], "3", "cut at {cut}");
        assert_eq!(counted(&walk, "broken_streams"), 0, "cut at {cut}");
    }
}

#[test]
fn an_event_over_the_bound_passes_as_it_came_and_what_follows_is_read() {
    let large = format!("data: {{\"id\":\"c1\",\"choices\":[],\"x\":\"{}\"}}\n\n", "y".repeat(1000));
    let stream = CHUNKS.replacen("\n\n", &format!("\n\n{large}"), 1);
    let without: String =
        stream.split_inclusive("\n\n").filter(|event| !event.contains("prompt_tokens")).collect();
    check(ASK_STREAM, &stream, &without);
    let asks = ASK_STREAM.replace("true}", "true,\"stream_options\":{\"include_usage\":true}}");
    check(&asks, &stream, &stream);
}

#[test]
fn a_stream_with_an_event_over_the_bound_may_have_ended_in_it() {
    let large =
        format!("data: {{\"choices\":[{{\"finish_reason\":\"stop\"}}],\"x\":\"{}\"}}\n\n", "y".repeat(1000));
    let stream = format!("{}{large}", &CHUNKS[..CHUNKS.find("\n\n").unwrap() + 2]);
    let mut walk = asked(OPENAI, ASK_STREAM, 0);
    assert_eq!(walk.reply(200, "text/event-stream", &[stream.as_bytes()]).body, stream);
    assert_eq!(counted(&walk, "broken_streams"), 0);
}

#[test]
fn an_answer_that_lacks_its_start_is_whole_in_either_dialect() {
    let stream = answer() + &event("message_stop", "");
    assert_eq!(got(ANTHROPIC, &ask_anthropic(), 1, &stream), stream);
    let translated = got(OPENAI, ASK_STREAM, 1, &stream);
    assert!(translated.contains("\"ho\"") && translated.ends_with("data: [DONE]\n\n"), "{translated}");
    assert!(translated.contains("\"id\":\"chatcmpl-1\""), "{translated}");
}

#[test]
fn pings_and_events_of_no_known_kind_stop_no_translation() {
    let pings = "event: ping\ndata: {}\n\nevent: ping\ndata:\n\nevent: new\ndata: {\"x\":1}\n\n";
    let stream =
        answer().replacen("event: content_block_stop", &format!("{pings}event: content_block_stop"), 1);
    let stream =
        event("message_start", r#","message":{"id":"m","model":"c"}"#) + &stream + &event("message_stop", "");
    let translated = got(OPENAI, ASK_STREAM, 1, &stream);
    assert!(translated.contains("\"ho\"") && translated.ends_with("data: [DONE]\n\n"), "{translated}");
    assert!(!translated.contains("error"), "{translated}");
    assert_eq!(got(ANTHROPIC, &ask_anthropic(), 1, &stream), stream);
}

/// Checks that `stream` from `target` passes as it is where its dialect is the client's, and has its proper end in the
/// other one; wherever it is cut, and counted as whole.
#[track_caller]
fn check_whole(target: usize, stream: &str) {
    let asks = ASK_STREAM.replace("true}", "true,\"stream_options\":{\"include_usage\":true}}");
    let (openai, anthropic) =
        (got(OPENAI, &asks, target, stream), got(ANTHROPIC, &ask_anthropic(), target, stream));
    let (same, other) = if target == 0 { (&openai, &anthropic) } else { (&anthropic, &openai) };
    assert_eq!(same, stream);
    assert!(
        other.ends_with(if target == 0 { "\"message_stop\"}\n\n" } else { "data: [DONE]\n\n" }),
        "{other}"
    );
    assert!(other.contains("ho") && !other.contains("error"), "{other}");
    for (path, ask) in [(OPENAI, &asks), (ANTHROPIC, &ask_anthropic())] {
        let mut walk = asked(path, ask, target);
        walk.reply(200, "text/event-stream", &[stream.as_bytes()]);
        walk.over();
        assert_eq!(counted(&walk, "broken_streams"), 0);
    }
}

#[test]
fn a_stream_is_whole_without_its_last_event_once_its_answers_are() {
    let done = CHUNKS.find("data: [DONE]").unwrap();
    check_whole(0, &CHUNKS[..done]);
    let usage = CHUNKS[..done].trim_end().rfind("\n\n").unwrap() + 2;
    check_whole(0, &CHUNKS[..usage]);
    let start = event("message_start", r#","message":{"id":"m","model":"c"}"#);
    check_whole(1, &(start + &answer()));
}

#[test]
fn a_stream_of_which_an_answer_has_no_end_is_broken() {
    let chunk = |index: u32, rest: &str| format!("data: {{\"choices\":[{{\"index\":{index},{rest}}}]}}\n\n");
    let text = "\"delta\":{\"content\":\"ho\"},\"finish_reason\":null";
    let end = "\"delta\":{},\"finish_reason\":\"stop\"";
    let both = chunk(0, text) + &chunk(1, text);
    for stream in [both.clone() + &chunk(0, end), both.clone() + &chunk(1, end), chunk(0, text)] {
        let told = got(OPENAI, ASK_STREAM, 0, &stream);
        assert!(told.starts_with(&stream) && told.contains("ended before"), "{told}");
        assert!(got(ANTHROPIC, &ask_anthropic(), 0, &stream).contains("event: error"));
    }
    let whole = both + &chunk(1, end) + &chunk(0, end);
    assert_eq!(got(OPENAI, ASK_STREAM, 0, &whole), whole);
    let start = event("message_start", r#","message":{"id":"m","model":"c"}"#);
    let stream = start + &answer().replace("message_delta", "message_news");
    assert!(got(ANTHROPIC, &ask_anthropic(), 1, &stream).contains("event: error"));
}
