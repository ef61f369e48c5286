//! Replies that break off between the provider and the gateway, through both machines.

use tollgate_gateway::effect::Metric;
use tollgate_gateway::event::Cut;

use super::walk::Walk;
use super::{ANTHROPIC, ASK, ASK_ANTHROPIC, ASK_STREAM, CHUNKS, OPENAI, SAID, counted, post};

const BEHIND: Cut = Cut::Behind { status: 502 };

/// A walk with a try at `target` under way, asked in OpenAI's dialect where that is target 0.
fn asked(path: &str, body: &str, target: usize) -> Walk {
    let mut walk = post(path, body);
    walk.attempt(target).unwrap();
    walk
}

#[test]
fn a_whole_reply_that_breaks_off_is_told_in_the_clients_dialect() {
    let half = &SAID.as_bytes()[..SAID.len() / 2];
    let mut walk = asked(ANTHROPIC, ASK_ANTHROPIC, 0);
    let got = walk.breaks_off("application/json", half);
    assert!(got.body.starts_with("{\"type\":\"error\"") && got.body.contains("ended before"), "{}", got.body);
    walk.cut(BEHIND);
    assert_eq!(counted(&walk, "http_response_status_code=502"), 1);
    assert_eq!(counted(&walk, "broken_streams"), 0);
    let mut walk = asked(OPENAI, ASK, 1);
    let got = walk.breaks_off("application/json", b"{\"id\":");
    assert!(got.body.starts_with("{\"error\":"), "{}", got.body);
    walk.cut(Cut::ByClient);
    assert_eq!(counted(&walk, "http_response_status_code=0"), 1);
}

#[test]
fn what_is_left_for_a_break_takes_no_other_errors_place() {
    let large = vec![b' '; 2001];
    for (body, said) in [(&large[..], "too large"), (b"rubbish", "cannot be read")] {
        let got = asked(OPENAI, ASK, 1).reply(200, "application/json", &[body]);
        assert!(got.status == 502 && got.body.contains(said), "{}", got.body);
    }
}

#[test]
fn a_stream_that_is_cut_is_counted_unless_its_client_cut_it() {
    let half = &CHUNKS.as_bytes()[..CHUNKS.len() / 2];
    let translated = ASK_ANTHROPIC.replace("5,", "5,\"stream\":true,");
    for (path, body) in [(OPENAI, ASK_STREAM), (ANTHROPIC, translated.as_str())] {
        for (cut, broken) in [(BEHIND, 1), (Cut::ByClient, 0)] {
            let mut walk = asked(path, body, 0);
            walk.breaks_off("text/event-stream", half);
            let samples = walk.cut(cut);
            assert_eq!(counted(&walk, "broken_streams"), broken, "{path} {cut:?}");
            assert_eq!(samples.iter().filter(|(metric, _)| *metric == Metric::Requests).count(), 1);
        }
    }
}

#[test]
fn a_whole_reply_that_passes_and_is_cut_is_counted_unless_its_client_cut_it() {
    for (cut, broken) in [(BEHIND, 1), (Cut::ByClient, 0)] {
        let mut walk = asked(OPENAI, ASK, 0);
        walk.breaks_off("application/json", &SAID.as_bytes()[..SAID.len() / 2]);
        walk.cut(cut);
        assert_eq!(counted(&walk, "broken_streams"), broken, "{cut:?}");
        assert_eq!(counted(&walk, "http_response_status_code=200"), 1, "the status its client has");
    }
}

#[test]
fn a_whole_reply_that_has_gone_by_is_not_broken() {
    for pieces in [&[SAID.as_bytes()][..], &[SAID.as_bytes(), b""], &[]] {
        let mut walk = asked(OPENAI, ASK, 0);
        walk.reply_with(&[(":status", "200"), ("content-type", "application/json")], pieces);
        assert!(!walk.awaits_more());
        walk.over();
        assert_eq!(counted(&walk, "broken_streams"), 0);
    }
}

#[test]
fn a_stream_whose_last_event_has_come_is_whole_whatever_follows() {
    let mut walk = asked(OPENAI, ASK_STREAM, 0);
    walk.breaks_off("text/event-stream", CHUNKS.as_bytes());
    walk.over();
    assert_eq!(counted(&walk, "broken_streams"), 0);
}

#[test]
fn a_client_that_leaves_after_an_error_event_has_had_a_broken_stream() {
    let error = format!(
        "{}data: {{\"error\":{{\"message\":\"x\"}}}}\n\n",
        &CHUNKS[..CHUNKS.find("\n\n").unwrap() + 2]
    );
    let mut walk = asked(OPENAI, ASK_STREAM, 0);
    walk.breaks_off("text/event-stream", error.as_bytes());
    walk.over();
    assert_eq!(counted(&walk, "broken_streams"), 1);
    let mut walk = asked(OPENAI, ASK_STREAM, 0);
    walk.reply(200, "text/event-stream", &[error.as_bytes()]);
    walk.over();
    assert_eq!(counted(&walk, "broken_streams"), 1, "counted once");
}
