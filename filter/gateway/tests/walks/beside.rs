//! What a client says beside the body, in headers and in the query, through both machines.

use tollgate_gateway::config::settings::Unsupported;

use super::walk::Walk;
use super::{ANTHROPIC, ASK, ASK_ANTHROPIC, OPENAI, post};

const BETA: [(&str, &str); 4] = [
    (":method", "POST"),
    (":path", "/v1/messages?beta=true"),
    ("anthropic-version", "2024-01-01"),
    ("anthropic-beta", "one"),
];

fn send(fields: &[(&str, &str)], body: &str) -> Walk {
    Walk::send(Unsupported::Drop, fields, body).unwrap_or_else(|got| panic!("{got:?}"))
}

fn anthropics_own(walk: &Walk) -> [Option<&str>; 2] {
    ["anthropic-version", "anthropic-beta"].map(|name| walk.head.get(name).map(String::as_str))
}

#[test]
fn what_is_said_in_words_of_a_dialect_reaches_its_providers_only() {
    for (model, own, path) in [
        ("solo", [None, None], "/base/v1/chat/completions"),
        ("other", [Some("2024-01-01"), Some("one")], "/base/v1/messages?beta=true"),
    ] {
        let walk = send(&BETA, &ASK_ANTHROPIC.replace("chat", model));
        assert_eq!((anthropics_own(&walk), walk.direct().path.as_str()), (own, path), "{model}");
    }
    let fields = [(":method", "POST"), (":path", "/v1/chat/completions?a=1#b"), ("anthropic-beta", "one")];
    let walk = send(&fields, &ASK.replace("chat", "solo"));
    assert_eq!(walk.direct().path, "/base/v1/chat/completions?a=1");
    assert_eq!(anthropics_own(&walk), [None, None]);
}

#[test]
fn a_try_with_another_dialect_takes_a_header_from_no_other_try() {
    let mut walk = send(&BETA, ASK_ANTHROPIC);
    for (target, own, query) in [
        (1, [Some("2024-01-01"), Some("one")], true),
        (0, [None, None], false),
        (1, [Some("2024-01-01"), Some("one")], true),
    ] {
        let sent = walk.attempt(target).unwrap();
        assert_eq!(anthropics_own(&walk), own, "target {target}");
        assert_eq!(sent.path.ends_with("?beta=true"), query, "{}", sent.path);
        walk.fails(500);
    }
}

#[test]
fn a_version_that_the_gateway_named_goes_to_no_other_dialect() {
    let mut walk = post(OPENAI, ASK);
    for (target, version) in [(1, Some("2023-06-01")), (0, None), (1, Some("2023-06-01"))] {
        walk.attempt(target).unwrap();
        assert_eq!(anthropics_own(&walk)[0], version, "target {target}");
        walk.fails(500);
    }
    let mut walk = post(ANTHROPIC, ASK_ANTHROPIC);
    walk.attempt(1).unwrap();
    assert_eq!(anthropics_own(&walk)[0], Some("2023-06-01"), "the client named none");
}
