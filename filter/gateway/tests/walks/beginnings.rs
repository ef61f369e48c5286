//! Replies that fail before their answer begins, through both machines.

use super::walk::Walk;
use super::{ASK_STREAM, CHUNKS, OPENAI, counted, post};

const STREAM: &str = "text/event-stream";
const JSON: &str = "application/json";
const ROLE: &str = "data: {\"id\":\"c0\",\"model\":\"gpt\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
const BUSY: &str = "data: {\"error\":{\"message\":\"busy\",\"type\":\"server_error\",\"code\":503}}\n\n";
const START: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m0\",\"model\":\"claude\"}}\n\n";
const PING: &str = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
const FULL: &str = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"full\"}}\n\n";

/// A walk with a try at `target` under way.
fn tried(target: usize) -> Walk {
    let mut walk = post(OPENAI, ASK_STREAM);
    walk.attempt(target).unwrap();
    walk
}

/// Checks that a reply of the media type `kind` from `target` becomes an error with `status` that says `said` and nothing else, wherever it is
/// cut, and that the next provider's answer is all that the client gets then.
#[track_caller]
fn check_reply(kind: &str, target: usize, stream: &str, status: u16, said: &str) {
    for cut in 0..=stream.len() {
        let mut walk = tried(target);
        let (first, second) = stream.as_bytes().split_at(cut);
        let (body, told) = walk.ends(200, kind, &[first, second]);
        assert_eq!(told, status, "{stream} cut at {cut}");
        let beginning = if target == 0 { "{\"error\":{" } else { "{\"type\":\"error\"," };
        assert!(body.starts_with(beginning) && body.contains(said), "{stream} cut at {cut}: {body}");
        assert!(body.ends_with("}}") && !body.contains("data:"), "{stream} cut at {cut}: {body}");
        walk.attempt(0).unwrap();
        let got = walk.reply(200, STREAM, &[CHUNKS.as_bytes()]);
        assert!(got.body.contains("\"ho\"") && !got.body.contains("c0"), "{}", got.body);
        walk.over();
        assert_eq!(counted(&walk, &format!("outcome={status}")), 1);
    }
}

#[track_caller]
fn check(target: usize, stream: &str, status: u16, said: &str) {
    check_reply(STREAM, target, stream, status, said);
}

#[test]
fn an_error_in_place_of_an_answer_is_answered_by_the_next_target() {
    for (target, reply, status, said) in [
        (0, r#"{"error":{"message":"busy","code":503}}"#, 503, "busy"),
        (0, r#"[ {"error": {"message": "busy", "code": 429}} ]"#, 429, "busy"),
        (1, r#"{"type":"error","error":{"type":"overloaded_error","message":"full"}}"#, 529, "full"),
    ] {
        check_reply(JSON, target, reply, status, said);
    }
}

#[test]
fn an_error_behind_the_events_that_open_a_stream_is_one_before_the_answer() {
    check(0, &format!("{ROLE}{BUSY}"), 503, "busy");
    for stream in [
        format!("{START}{FULL}"),
        format!("{PING}{START}{FULL}"),
        format!("{START}{PING}{FULL}"),
        format!("{PING}{FULL}"),
    ] {
        check(1, &stream, 529, "full");
    }
}

#[test]
fn what_follows_an_error_before_the_answer_is_dropped() {
    check(0, &format!("{BUSY}data: [DONE]\n\n"), 503, "busy");
    check(0, &format!("data: <html>\n\n{CHUNKS}"), 502, "cannot be read");
}

#[test]
fn a_stream_without_an_answer_is_a_bad_reply() {
    for (target, opening) in [(0, ROLE), (1, START)] {
        for stream in ["", "\n", ": hello\n\n: hello\n\n", opening] {
            check(target, stream, 502, "ended before");
        }
        check(target, &format!("{opening}data: <html>"), 502, "cannot be read");
    }
}

#[test]
fn a_stream_that_ends_with_its_head_is_a_bad_reply() {
    let mut walk = tried(1);
    assert_eq!(walk.ends(200, STREAM, &[]), (String::new(), 502));
    assert!(walk.state["tollgate.receipt"].ends_with("1:502"), "{}", walk.state["tollgate.receipt"]);
    let mut walk = tried(1);
    assert_eq!(walk.ends(200, "application/json", &[]).1, 200, "no stream");
}

#[test]
fn an_answer_is_let_go_with_its_first_piece_and_all_that_came_before() {
    let stream = format!("{ROLE}{CHUNKS}");
    let sound = ROLE.len() + CHUNKS.find("\n\n").unwrap() + 2;
    for cut in 0..=stream.len() {
        let mut walk = tried(0);
        let (_, status) = walk.begins(200, STREAM, &stream.as_bytes()[..cut]);
        assert_eq!(status, 200);
        let outcome = if cut < sound { "0:-" } else { "0:200" };
        assert!(walk.state["tollgate.receipt"].ends_with(outcome), "cut at {cut}");
        let (first, second) = stream.as_bytes().split_at(cut);
        assert!(tried(0).reply(200, STREAM, &[first, second]).body.contains("\"ho\""), "cut at {cut}");
    }
}

#[test]
fn an_encoded_stream_passes_unread() {
    assert_eq!(tried(0).ends_encoded(b"rubbish"), ("rubbish".to_owned(), 200));
}

#[test]
fn a_single_targets_stream_that_ends_with_its_head_is_a_bad_reply_too() {
    for model in ["solo", "other"] {
        let mut walk = post(OPENAI, &ASK_STREAM.replace("chat", model));
        let got = walk.reply_with(&[(":status", "200"), ("content-type", STREAM)], &[]);
        assert!(got.status == 502 && got.body.starts_with("{\"error\":{"), "{model}: {got:?}");
    }
}

#[test]
fn an_envoy_that_cannot_take_back_a_head_gets_streams_as_they_come() {
    use std::rc::Rc;
    use tollgate_gateway::attempt::{Attempt, Policy, Replies};
    use tollgate_gateway::effect::Flow;
    use tollgate_gateway::event::AttemptEvent;
    let (_, mut policy) =
        super::walk::policies::policies(tollgate_gateway::config::settings::Unsupported::Drop);
    for (replies, flow) in [(Replies::Held, Flow::Wait), (Replies::Passing, Flow::Continue)] {
        policy.replies = replies;
        let walk = post(OPENAI, ASK_STREAM);
        let handoff = Some(walk.state["tollgate.handoff"].clone().into_bytes());
        let shared: Rc<Policy> = Rc::new(policy);
        let mut attempt = Attempt::new(Rc::clone(&shared));
        let secrets = &super::walk::Keys;
        attempt.on(AttemptEvent::RequestHead { handoff, receipt: None, target: 0, secrets });
        attempt.on(AttemptEvent::RequestBody { body: ASK_STREAM.as_bytes(), document: None });
        let head = super::walk::head(&[(":status", "200"), ("content-type", STREAM)]);
        assert_eq!(attempt.on(AttemptEvent::ReplyHead { head: &head, end: false }).flow, flow, "{replies:?}");
        drop(attempt);
        policy = Rc::try_unwrap(shared).unwrap();
    }
}
