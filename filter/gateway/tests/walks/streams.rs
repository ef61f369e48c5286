//! Streams that keep to the protocol in their own way, through both machines.

use super::walk::Walk;
use super::{ASK_STREAM, CHUNKS, OPENAI, counted, post};

/// A walk with a try at `target` under way.
fn asked(path: &str, body: &str, target: usize) -> Walk {
    let mut walk = post(path, body);
    walk.attempt(target).unwrap();
    walk
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
