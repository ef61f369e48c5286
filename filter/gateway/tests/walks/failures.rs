//! Errors of providers, through both machines: what a client is told of them.

use super::walk::{Got, Walk};
use super::{ANTHROPIC, ASK, ASK_ANTHROPIC, OPENAI, post};

/// A model's tries: its request, and the targets that are tried in turn; none where attempt runs right behind edge.
type Tries<'t> = (&'t str, String, &'t [usize]);

/// Every way to a provider whose error has to be told: in another dialect, behind a try that failed, or not as JSON.
fn told() -> [Tries<'static>; 6] {
    [
        (OPENAI, ASK.to_owned(), &[0]),
        (OPENAI, ASK.replace("chat", "solo"), &[]),
        (OPENAI, ASK.to_owned(), &[1]),
        (OPENAI, ASK.replace("chat", "same"), &[1, 0]),
        (ANTHROPIC, ASK_ANTHROPIC.to_owned(), &[0]),
        (OPENAI, ASK.replace("chat", "other"), &[]),
    ]
}

/// What a client gets where the last of `tries` is answered with `head` and `pieces`, and those before it with 500.
fn answered((path, ask, tries): &Tries<'_>, head: &[(&str, &str)], pieces: &[&[u8]]) -> (Walk, Got) {
    let mut walk = post(path, ask);
    for (at, target) in tries.iter().enumerate() {
        if at > 0 {
            walk.fails(500);
        }
        walk.attempt(*target).unwrap();
    }
    let got = walk.reply_with(head, pieces);
    walk.over();
    (walk, got)
}

#[track_caller]
fn check_dialect(path: &str, got: &Got) {
    let beginning = if path == ANTHROPIC { "{\"type\":\"error\"" } else { "{\"error\":" };
    assert!(got.body.starts_with(beginning), "{got:?}");
}

#[test]
fn an_error_without_a_body_keeps_its_status_and_its_advice() {
    let advice = [
        ("retry-after", "7"),
        ("retry-after-ms", "7000"),
        ("x-should-retry", "true"),
        ("x-ratelimit-reset-tokens", "6s"),
        ("anthropic-ratelimit-requests-remaining", "0"),
        ("request-id", "req_1"),
    ];
    for tries in told() {
        for (status, kind) in [("404", "application/json"), ("429", ""), ("529", "text/html")] {
            let own = [(":status", status), ("content-type", kind), ("server", "x")];
            let head = [&own[..], &advice[..]].concat();
            let (walk, got) = answered(&tries, &head, &[]);
            assert_eq!(got.status.to_string(), status, "{tries:?}");
            check_dialect(tries.0, &got);
            assert!(
                got.body.contains(&format!("the provider answered with status {status}")),
                "{}",
                got.body
            );
            for (name, value) in advice {
                assert_eq!(got.head.get(name).map(String::as_str), Some(value), "{name}");
            }
            assert_eq!(got.head.get("server"), None, "nothing but advice moves over");
            assert_eq!(super::counted(&walk, &format!("http_response_status_code={status}")), 1);
        }
    }
}

#[test]
fn advice_survives_wherever_an_error_gives_way_to_an_answer_of_ours() {
    let large = vec![b' '; 2001];
    for (status, expected) in [("429", 429), ("403", 502)] {
        let head = [(":status", status), ("content-type", "text/html"), ("retry-after", "7")];
        for tries in told() {
            let (_, got) = answered(&tries, &head, &[&large]);
            assert_eq!((got.status, got.head["retry-after"].as_str()), (expected, "7"), "{tries:?}");
            check_dialect(tries.0, &got);
        }
    }
}

#[test]
fn a_success_without_a_body_cannot_be_read() {
    let (_, got) = answered(&told()[2], &[(":status", "200"), ("retry-after", "7")], &[]);
    assert!(got.status == 502 && got.body.contains("cannot be read"), "{got:?}");
    assert_eq!(got.head.get("retry-after"), None);
}

#[test]
fn an_error_in_the_clients_dialect_passes_if_it_is_json_and_is_told_if_it_is_not() {
    let error = r#"{ "error":{"message":"m","x":1} }"#;
    let cases = [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/problem+json", true),
        ("text/html; charset=utf-8", false),
        ("text/plain", false),
        ("text/event-stream", false),
        ("application/jsonl", false),
        ("", false),
    ];
    for tries in [&told()[0], &told()[1]] {
        for (media_type, passes) in cases {
            let head = [(":status", "502"), ("content-type", media_type), ("retry-after", "7")];
            let (_, got) = answered(tries, &head, &[error.as_bytes()]);
            assert_eq!((got.status, got.head["retry-after"].as_str()), (502, "7"), "{media_type}");
            assert_eq!(got.body == error, passes, "{media_type}: {}", got.body);
            check_dialect(OPENAI, &Got { body: got.body.replace(' ', ""), ..got });
        }
        let head = [(":status", "502"), ("content-type", "text/html"), ("content-encoding", "gzip")];
        let (_, got) = answered(tries, &head, &[b"<html>"]);
        assert!(got.body.contains("status 502") && got.head["content-type"] == "application/json", "{got:?}");
        assert_eq!(got.head.get("content-encoding"), None);
    }
}

#[test]
fn an_error_behind_a_status_of_success_is_told_with_the_status_its_words_stand_for() {
    let openai = |code: &str| format!(r#"{{"error":{{"message":"out of luck","code":{code}}}}}"#);
    let anthropic =
        |kind: &str| format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"out of luck"}}}}"#);
    let stream = |ask: &str| ask.replacen('{', "{\"stream\":true,", 1);
    let cases = [
        (ANTHROPIC, ASK_ANTHROPIC.to_owned(), 0, openai("429"), 429, "out of luck"),
        (ANTHROPIC, stream(ASK_ANTHROPIC), 0, openai("\"429\""), 429, "out of luck"),
        (ANTHROPIC, ASK_ANTHROPIC.to_owned(), 0, openai("null"), 502, "out of luck"),
        (ANTHROPIC, ASK_ANTHROPIC.to_owned(), 0, openai("401"), 502, "credentials"),
        (OPENAI, ASK.to_owned(), 1, anthropic("overloaded_error"), 529, "out of luck"),
        (OPENAI, stream(ASK), 1, anthropic("overloaded_error"), 529, "out of luck"),
        (OPENAI, ASK.to_owned(), 1, anthropic("billing_error"), 502, "out of luck"),
        (OPENAI, ASK.to_owned(), 1, anthropic("permission_error"), 502, "credentials"),
        (OPENAI, stream(ASK), 1, "{}".to_owned(), 502, "cannot be read"),
    ];
    for (path, ask, target, body, status, words) in cases {
        let head = [(":status", "200"), ("content-type", "application/json")];
        let (walk, got) = answered(&(path, ask, &[target]), &head, &[body.as_bytes()]);
        assert!(got.status == status && got.body.contains(words), "{body}: {got:?}");
        check_dialect(path, &got);
        assert_eq!(super::counted(&walk, &format!("http_response_status_code={status}")), 1);
    }
}
