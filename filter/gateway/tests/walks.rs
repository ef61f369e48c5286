//! Whole requests through both machines: what the provider is sent, what the client gets, what is counted.

#[path = "walks/beginnings.rs"]
mod beginnings;
#[path = "walks/beside.rs"]
mod beside;
#[path = "walks/broken.rs"]
mod broken;
#[path = "walks/failures.rs"]
mod failures;
#[path = "walks/refusals.rs"]
mod refusals;
#[path = "walks/streams.rs"]
mod streams;
mod walk;

use tollgate_gateway::config::settings::Unsupported;
use tollgate_gateway::effect::Metric;
use tollgate_gateway::event::Origin;
use walk::{Sent, Walk};

const OPENAI: &str = "/v1/chat/completions";
const ANTHROPIC: &str = "/v1/messages";
const ASK: &str = r#"{"model":"chat",  "messages":[{"role":"user","content":"hi"}],"x":1}"#;
const ASK_STREAM: &str = r#"{"model":"chat","messages":[{"role":"user","content":"hi"}],"stream":true}"#;
const ASK_ANTHROPIC: &str = r#"{"max_tokens":5,"messages":[{"role":"user","content":"hi"}],"model":"chat"}"#;
const SAID: &str = r#"{"id":"c1","object":"chat.completion","created":1,"model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"ho"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#;
const CHUNKS: &str = "data: {\"id\":\"c1\",\"model\":\"gpt\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"ho\"}}],\"usage\":null}\n\ndata: {\"id\":\"c1\",\"model\":\"gpt\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\ndata: {\"id\":\"c1\",\"model\":\"gpt\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n";

fn post(path: &str, body: &str) -> Walk {
    Walk::post(path, body).unwrap_or_else(|got| panic!("{got:?}"))
}

fn counted(walk: &Walk, name: &str) -> u64 {
    walk.counted.iter().filter(|(series, _)| series.contains(name)).map(|(_, amount)| amount).sum()
}

#[test]
fn the_same_dialect_changes_the_model_and_nothing_else() {
    let mut walk = post(OPENAI, ASK);
    assert_eq!(walk.head["x-tollgate-cluster"], "cluster");
    assert_eq!(walk.head["x-envoy-max-retries"], "2");
    let sent = walk.attempt(0).unwrap();
    let expected =
        Sent { path: "/base/v1/chat/completions".into(), body: ASK.replace("\"chat\"", "\"gpt\"") };
    assert_eq!(sent, expected);
    assert_eq!(walk.head["authorization"], "Bearer key-OPEN");
    let got = walk.reply(200, "application/json", &[&SAID.as_bytes()[..20], &SAID.as_bytes()[20..]]);
    assert_eq!((got.status, got.body.as_str()), (200, SAID));
    assert_eq!(walk.state["tollgate.upstream_model"], "gpt");
    assert_eq!(got.head["content-length"], "7", "a reply that passes keeps its length");
    let samples = walk.over();
    assert!(samples.contains(&(Metric::RequestDuration, 750)), "{samples:?}");
    assert_eq!(walk.state["tollgate.prompt_tokens"], "3");
    assert_eq!(walk.state["tollgate.completion_tokens"], "2");
}

#[test]
fn a_model_with_one_target_is_prepared_at_once_and_to_the_same_effect() {
    let mut walk = post(OPENAI, &ASK.replace("chat", "solo"));
    let expected =
        Sent { path: "/base/v1/chat/completions".into(), body: ASK.replace("\"chat\"", "\"gpt\"") };
    assert_eq!(walk.direct(), expected);
    assert_eq!(walk.head["x-tollgate-cluster"], "single");
    assert_eq!(walk.head["authorization"], "Bearer key-OPEN");
    let got = walk.arrive_from(Origin::Provider, 200, "application/json", &[SAID.as_bytes()]);
    assert_eq!((got.body.as_str(), walk.state["tollgate.upstream_model"].as_str()), (SAID, "gpt"));
    walk.over();
    assert_eq!(walk.state["tollgate.completion_tokens"], "2");
    assert_eq!(counted(&walk, "outcome=200"), 1);
    assert!(!walk.state.contains_key("tollgate.handoff") && !walk.state.contains_key("tollgate.receipt"));
}

#[test]
fn a_model_with_one_target_is_translated_and_its_failures_told() {
    let ask = ASK.replace("chat", "other");
    let mut walk = post(OPENAI, &ask);
    let sent = walk.direct();
    assert_eq!((sent.path.as_str(), walk.head["x-api-key"].as_str()), ("/base/v1/messages", "key-ANTH"));
    assert!(sent.body.contains("\"max_tokens\""), "{}", sent.body);
    let error = br#"{"type":"error","error":{"type":"overloaded_error","message":"full"}}"#;
    let got = walk.arrive_from(Origin::Provider, 529, "application/json", &[error]);
    assert!(got.status == 529 && got.body.contains("full") && got.body.starts_with("{\"error\""), "{got:?}");
    assert_eq!(got.head["x-tollgate-unsupported"], "x");
    let mut walk = post(OPENAI, &ask);
    let got = walk.arrive_from(Origin::Envoy, 503, "text/plain", &[b"connection refused"]);
    assert!(got.status == 503 && got.body.contains("upstream_unavailable"), "{got:?}");
    let fields = [(":method", "POST"), (":path", OPENAI)];
    let got = Walk::send(Unsupported::Refuse, &fields, &ask).err().expect("refused");
    assert!(got.status == 400 && got.body.contains("`x`"), "{got:?}");
}

#[test]
fn a_length_that_an_earlier_try_announced_is_announced_anew() {
    let ask = ASK.replace("chat", "same");
    let mut walk = post(OPENAI, &ask);
    walk.attempt(1).unwrap();
    walk.fails(500);
    assert_eq!(walk.attempt(0).unwrap().body, ask, "the provider calls the model what clients call it");
}

#[test]
fn a_fallback_begins_from_the_clients_bytes_and_leaves_no_key_behind() {
    let mut walk = post(OPENAI, ASK);
    walk.attempt(0).unwrap();
    walk.fails(503);
    let sent = walk.attempt(1).unwrap();
    assert_eq!(sent.path, "/base/v1/messages");
    assert!(sent.body.contains("\"claude\"") && !sent.body.contains("gpt"), "{}", sent.body);
    assert_eq!(walk.head.get("authorization"), None);
    assert_eq!(walk.head["x-api-key"], "key-ANTH");
    assert_eq!(walk.head["anthropic-version"], "2023-06-01");
    let reply = r#"{"id":"m","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"ho"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}"#;
    let got = walk.reply(200, "application/json", &[reply.as_bytes()]);
    assert!(got.body.contains(r#""object":"chat.completion""#), "{}", got.body);
    assert_eq!(got.head["content-length"], got.body.len().to_string());
    assert_eq!(walk.state["tollgate.upstream_model"], "claude");
    assert_eq!(counted(&walk, "outcome=503"), 1);
    assert_eq!(counted(&walk, "outcome=200"), 1);
}

#[test]
fn a_key_of_an_earlier_try_never_reaches_a_later_provider() {
    let mut walk = post(ANTHROPIC, ASK_ANTHROPIC);
    walk.attempt(1).unwrap();
    walk.fails(500);
    let sent = walk.attempt(0).unwrap();
    assert_eq!(walk.head.get("x-api-key"), None);
    assert_eq!(walk.head["authorization"], "Bearer key-OPEN");
    assert!(sent.body.contains("\"gpt\""));
}

#[test]
fn usage_is_asked_for_and_its_event_taken_out_wherever_the_stream_is_cut() {
    let expected: String =
        CHUNKS.split_inclusive("\n\n").filter(|event| !event.contains("\"choices\":[]")).collect();
    for cut in 0..=CHUNKS.len() {
        let mut walk = post(OPENAI, ASK_STREAM);
        let sent = walk.attempt(0).unwrap();
        assert!(sent.body.contains(r#""stream_options":{"include_usage":true}"#), "{}", sent.body);
        let (first, second) = CHUNKS.as_bytes().split_at(cut);
        let got = walk.reply(200, "text/event-stream", &[first, second]);
        assert_eq!(got.body, expected, "cut at {cut}");
        assert_eq!(got.head.get("content-length"), None);
        walk.over();
        assert_eq!(walk.state["tollgate.prompt_tokens"], "3", "cut at {cut}");
    }
}

#[test]
fn a_client_that_asked_for_usage_gets_the_bytes_as_they_came() {
    let ask = ASK_STREAM.replace("true}", "true,\"stream_options\":{\"include_usage\":true}}");
    let mut walk = post(OPENAI, &ask);
    assert_eq!(walk.attempt(0).unwrap().body, ask.replace("\"chat\"", "\"gpt\""));
    let got = walk.reply(200, "text/event-stream", &[CHUNKS.as_bytes()]);
    assert_eq!(got.body, CHUNKS);
}

#[test]
fn a_translated_stream_does_not_depend_on_how_it_was_cut() {
    let whole = {
        let mut walk = post(ANTHROPIC, &ASK_ANTHROPIC.replace("5,", "5,\"stream\":true,"));
        walk.attempt(0).unwrap();
        walk.reply(200, "text/event-stream", &[CHUNKS.as_bytes()]).body
    };
    assert!(whole.contains("event: message_stop"), "{whole}");
    for cut in 0..=CHUNKS.len() {
        let mut walk = post(ANTHROPIC, &ASK_ANTHROPIC.replace("5,", "5,\"stream\":true,"));
        walk.attempt(0).unwrap();
        let (first, second) = CHUNKS.as_bytes().split_at(cut);
        assert_eq!(walk.reply(200, "text/event-stream", &[first, second]).body, whole, "cut at {cut}");
    }
}

#[test]
fn a_stream_that_breaks_off_ends_with_an_error_event_in_either_dialect() {
    let broken = &CHUNKS.as_bytes()[..CHUNKS.len() / 2];
    let mut same = post(OPENAI, ASK_STREAM);
    same.attempt(0).unwrap();
    let got = same.reply(200, "text/event-stream", &[broken]);
    assert!(got.body.contains("data: {\"error\":") && !got.body.contains("[DONE]"), "{}", got.body);
    assert_eq!(counted(&same, "broken_streams"), 1);
    let mut other = post(ANTHROPIC, &ASK_ANTHROPIC.replace("5,", "5,\"stream\":true,"));
    other.attempt(0).unwrap();
    let got = other.reply(200, "text/event-stream", &[broken]);
    assert!(got.body.contains("event: error") && !got.body.contains("message_stop"), "{}", got.body);
}

#[test]
fn when_all_tries_fail_the_client_reads_why_in_its_dialect() {
    let mut walk = post(OPENAI, ASK);
    walk.attempt(0).unwrap();
    walk.fails(500);
    walk.attempt(1).unwrap();
    let error = br#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#;
    let got = walk.reply(529, "application/json", &[error]);
    assert_eq!(got.status, 529);
    assert!(got.body.contains("busy; 2 attempts failed (500, 529)"), "{}", got.body);
    assert!(got.body.starts_with("{\"error\":"), "{}", got.body);
}

#[test]
fn a_stream_that_begins_with_an_error_gets_the_status_that_a_retry_needs() {
    let error = b"data: {\"error\":{\"message\":\"busy\",\"type\":\"server_error\",\"code\":null}}\n\n";
    let mut walk = post(OPENAI, ASK_STREAM);
    walk.attempt(0).unwrap();
    let (body, status) = walk.begins(200, "text/event-stream", error);
    assert!(status >= 500 && body.contains("busy") && body.starts_with('{'), "{status} {body}");
    walk.attempt(1).unwrap();
    let error = b": hello\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"full\"}}\n\n";
    let (body, status) = walk.begins(200, "text/event-stream", error);
    assert_eq!(status, 529, "{body}");
    let got = walk.arrive_from(Origin::Provider, status, "application/json", &[body.as_bytes()]);
    assert!(got.body.contains("full; 2 attempts failed"), "{}", got.body);
}

#[test]
fn a_sound_stream_is_let_go_with_its_first_event_and_not_before() {
    for end in 0..CHUNKS.find("\n\n").unwrap() + 2 {
        let mut walk = post(OPENAI, ASK_STREAM);
        walk.attempt(0).unwrap();
        walk.begins(200, "text/event-stream", &CHUNKS.as_bytes()[..end]);
        assert!(walk.state["tollgate.receipt"].ends_with("0:-"), "let go after {end} bytes");
    }
    let mut walk = post(OPENAI, ASK_STREAM);
    walk.attempt(0).unwrap();
    assert_eq!(walk.begins(200, "text/event-stream", CHUNKS.as_bytes()), (CHUNKS.to_owned(), 200));
    assert!(walk.state["tollgate.receipt"].ends_with("0:200"));
}

#[test]
fn envoys_own_answers_become_errors_of_the_clients_dialect() {
    for (status, expected) in [(503, 503), (504, 504), (413, 503)] {
        let mut walk = post(ANTHROPIC, ASK_ANTHROPIC);
        walk.attempt(1).unwrap();
        let got = walk.arrive_from(Origin::Envoy, status, "text/plain", &[b"upstream connect error"]);
        assert_eq!(got.status, expected);
        assert!(
            got.body.starts_with("{\"type\":\"error\"") && !got.body.contains("connect error"),
            "{}",
            got.body
        );
    }
    let mut walk = post(OPENAI, ASK);
    walk.attempt(0).unwrap();
    walk.fails(500);
    let got = walk.arrive_from(Origin::Envoy, 503, "text/plain", &[b"no healthy upstream"]);
    assert!(got.body.contains("upstream_unavailable"), "the try before it had an answer: {}", got.body);
    let mut walk = post(OPENAI, ASK);
    let got = walk.arrive_from(Origin::Envoy, 503, "text/plain", &[b"no cluster"]);
    assert!(got.body.contains("upstream_unavailable"), "{}", got.body);
}

#[test]
fn a_refused_key_is_told_without_the_providers_words() {
    for status in [401, 403] {
        let mut walk = post(OPENAI, ASK);
        walk.attempt(0).unwrap();
        let got = walk.reply(status, "application/json", &[br#"{"error":{"message":"bad key sk-abc"}}"#]);
        assert_eq!(got.status, 502);
        assert!(got.body.contains("provider_authentication") && !got.body.contains("sk-abc"), "{}", got.body);
    }
}

#[test]
fn forged_headers_and_the_clients_credentials_go() {
    let fields = [
        (":method", "POST"),
        (":path", OPENAI),
        ("x-tollgate-cluster", "other"),
        ("x-tollgate-handoff", "forged"),
        ("x-envoy-max-retries", "99"),
        ("authorization", "Bearer client"),
        ("x-api-key", "client"),
        ("api-key", "client"),
        ("cookie", "session"),
        ("accept-encoding", "gzip"),
        ("x-forwarded-access-token", "client"),
        ("x-real-ip", "client"),
        ("x-team", "blue"),
        ("user-agent", "sdk"),
        ("content-type", "application/json; charset=utf-7"),
    ];
    let mut walk = Walk::send(Unsupported::Drop, &fields, ASK).unwrap_or_else(|got| panic!("{got:?}"));
    walk.attempt(0).unwrap();
    assert_eq!(walk.head["x-tollgate-cluster"], "cluster");
    assert_eq!(walk.head["x-envoy-max-retries"], "2");
    for name in ["x-tollgate-handoff", "x-api-key", "api-key", "cookie", "accept-encoding"] {
        assert_eq!(walk.head.get(name), None, "{name}");
    }
    assert!(!walk.head.values().any(|value| value.contains("client")), "{:?}", walk.head);
    let kept = ["x-team", "user-agent", "content-type"].map(|name| walk.head[name].as_str());
    assert_eq!(kept, ["blue", "sdk", "application/json"]);
}

#[test]
fn a_credential_in_the_query_goes_with_or_without_a_second_try() {
    for (model, query) in [("solo", "?a=1&key=client"), ("chat", "?a=1&key=client"), ("solo", "?key=client")]
    {
        let path = format!("{OPENAI}{query}");
        let fields = [(":method", "POST"), (":path", path.as_str())];
        let walk = Walk::send(Unsupported::Drop, &fields, &ASK.replace("chat", model));
        let mut walk = walk.unwrap_or_else(|got| panic!("{got:?}"));
        let sent = if model == "solo" { walk.direct() } else { walk.attempt(0).unwrap() };
        assert_eq!(
            sent.path,
            format!("/base{OPENAI}{}", query.replace("&key=client", "").replace("?key=client", ""))
        );
    }
}

#[test]
fn a_clients_credential_is_not_taken_out_where_the_gateways_own_takes_its_place() {
    use tollgate_gateway::effect::Effect;
    use tollgate_gateway::event::EdgeEvent;
    let policy =
        tollgate_gateway::downstream::Policy::compile(walk::policies::edge(Unsupported::Drop)).unwrap();
    let fields =
        [(":method", "POST"), (":path", OPENAI), ("authorization", "client"), ("x-api-key", "client")];
    let mut machine = tollgate_gateway::downstream::Downstream::new(std::rc::Rc::new(policy));
    machine.on(EdgeEvent::RequestHead { head: &walk::head(&fields), end: false, now: 1 }, &walk::Keys);
    let body = ASK.replace("chat", "solo");
    let done = machine.on(EdgeEvent::RequestBody { body: body.as_bytes(), document: None }, &walk::Keys);
    let removed = done.list.iter().filter_map(|effect| match effect {
        Effect::RemoveRequestHeader(name) => Some(name.as_ref()),
        _ => None,
    });
    assert_eq!(removed.collect::<Vec<_>>(), ["x-api-key"]);
}

#[test]
fn a_reply_over_the_bound_or_one_that_cannot_be_read_is_an_error_and_no_trap() {
    let large = vec![b' '; 2001];
    for body in [&large[..], b"rubbish", b"", b"{}", b"[1,2", b"{\"content\":5}"] {
        let mut walk = post(OPENAI, ASK);
        walk.attempt(1).unwrap();
        let got = walk.reply(200, "application/json", &[body]);
        assert_eq!(got.status, 502, "{:.20}", String::from_utf8_lossy(body));
        assert!(got.body.contains("upstream_error"), "{}", got.body);
    }
}

#[test]
fn a_client_that_goes_away_before_the_reply_is_counted() {
    let mut walk = post(OPENAI, ASK);
    walk.attempt(0).unwrap();
    assert_eq!(walk.over(), vec![(Metric::Requests, 1)]);
    assert_eq!(walk.over(), vec![], "once");
}
