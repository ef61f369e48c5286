//! Requests that are refused or answered without a provider.

use std::rc::Rc;

use tollgate_gateway::config::settings::{EdgeSettings, OtherPaths, Unsupported};
use tollgate_gateway::downstream::{Downstream, Policy};
use tollgate_gateway::effect::Effects;
use tollgate_gateway::event::{EdgeEvent, Origin};

use super::walk::policies::edge;
use super::walk::{Got, Keys, Walk, head};
use super::{ANTHROPIC, ASK, ASK_ANTHROPIC, OPENAI, counted, post};

fn refused(path: &str, body: &str) -> Got {
    Walk::post(path, body).err().expect("the request is refused")
}

#[test]
fn refusals_have_the_status_and_code_that_clients_know() {
    let deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    let large = format!("{{\"model\":\"chat\",\"messages\":[\"{}\"]}}", "x".repeat(2000));
    let cases = [
        ("/v1/nothing", "{}", 404, "not_found"),
        (OPENAI, "{\"model\":\"nobody\",\"messages\":[]}", 404, "model_not_found"),
        (OPENAI, "{\"messages\":[]}", 400, "missing_field"),
        (OPENAI, "{\"model\":\"chat\"}", 400, "missing_field"),
        (ANTHROPIC, "{\"model\":\"chat\",\"messages\":[]}", 400, "missing_field"),
        (OPENAI, "{\"model\":1,\"messages\":[]}", 400, "invalid_field"),
        (OPENAI, "[]", 400, "invalid_field"),
        (OPENAI, "nothing", 400, "invalid_json"),
        (OPENAI, "{\"a\":1,\"\\u0061\":2}", 400, "invalid_json"),
        (OPENAI, "{} {}", 400, "invalid_json"),
        (OPENAI, &deep, 400, "invalid_json"),
        (OPENAI, &large, 413, "request_too_large"),
    ];
    for (path, body, status, code) in cases {
        let got = refused(path, body);
        assert_eq!(got.status, status, "{body:.40}");
        assert!(got.body.contains(code), "{body:.40}: {}", got.body);
        assert_eq!(got.body.starts_with("{\"type\":\"error\""), path == ANTHROPIC, "{}", got.body);
    }
}

#[test]
fn a_head_alone_is_enough_to_refuse() {
    let cases: [(&[(&str, &str)], u16); 4] = [
        (&[(":method", "GET"), (":path", OPENAI)], 405),
        (&[(":method", "POST"), (":path", OPENAI), ("content-encoding", "gzip")], 415),
        (&[(":method", "POST"), (":path", OPENAI), ("content-length", "2001")], 413),
        (&[(":method", "POST"), (":path", "/v1/models")], 405),
    ];
    for (fields, status) in cases {
        let got = Walk::send(Unsupported::Drop, fields, "{}").err().expect("refused");
        assert_eq!(got.status, status, "{fields:?}");
    }
}

#[test]
fn other_paths_pass_untouched_where_the_listener_serves_other_things_too() {
    let settings = || edge(Unsupported::Drop);
    let policy = Rc::new(Policy::compile(settings()).unwrap());
    let passing = EdgeSettings { other_paths: OtherPaths::Pass, ..settings() };
    let passing = Rc::new(Policy::compile(passing).unwrap());
    let ask = |policy: &Rc<Policy>, path: &str| {
        let head = head(&[(":method", "GET"), (":path", path), ("cookie", "a"), ("authorization", "b")]);
        Downstream::new(Rc::clone(policy))
            .on(EdgeEvent::RequestHead { head: &head, end: true, now: 1 }, &Keys)
    };
    for path in ["/", "/app?x=1", "/v1/modelsandmore", "/v1/chat"] {
        assert_eq!(ask(&passing, path), Effects::go_on(Vec::new()), "{path}");
        assert_ne!(ask(&policy, path), Effects::go_on(Vec::new()), "{path}");
    }
    for path in ["/v1/models", OPENAI] {
        assert_ne!(ask(&passing, path), Effects::go_on(Vec::new()), "{path}");
    }
}

#[test]
fn models_are_listed_in_the_shape_of_the_sdk_that_asks() {
    let get = |path: &str, fields: &[(&str, &str)]| {
        let fields = [&[(":method", "GET"), (":path", path)], fields].concat();
        Walk::send(Unsupported::Drop, &fields, "").err().expect("answered")
    };
    let version = [("anthropic-version", "2023-06-01")];
    assert!(get("/v1/models", &[]).body.starts_with(r#"{"object":"list","data":[{"id":"narrow""#));
    assert!(get("/v1/models?limit=5", &version).body.contains(r#""has_more":false"#));
    assert!(get("/v1/models/ch%61t", &version).body.starts_with(r#"{"type":"model","id":"chat""#));
    assert_eq!(get("/v1/models/none", &[]).status, 404);
}

#[test]
fn what_cannot_be_expressed_is_named_or_refused_as_configured() {
    let ask = ASK.replace("\"x\":1", "\"seed\":7");
    let mut walk = post(OPENAI, &ask);
    walk.attempt(1).unwrap();
    let reply = br#"{"id":"m","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}"#;
    let got = walk.reply(200, "application/json", &[reply]);
    assert_eq!(got.head["x-tollgate-unsupported"], "seed");
    assert_eq!(counted(&walk, "tollgate.unsupported"), 1);
    let fields = [(":method", "POST"), (":path", OPENAI)];
    let mut strict = Walk::send(Unsupported::Refuse, &fields, &ask).unwrap_or_else(|got| panic!("{got:?}"));
    let got = strict.attempt(1).unwrap_err();
    assert_eq!(got.status, 400);
    assert!(got.body.contains("`seed`"), "{}", got.body);
    assert!(strict.attempt(0).is_ok(), "the same dialect loses nothing");
}

#[test]
fn a_provider_without_its_key_is_never_asked() {
    let mut walk = post(OPENAI, ASK);
    let got = walk.attempt(2).unwrap_err();
    assert_eq!(got.status, 500);
    assert!(got.body.contains("missing_key"), "{}", got.body);
    let passed = walk.arrive_from(Origin::Envoy, 500, "application/json", &[got.body.as_bytes()]);
    assert_eq!(passed.body, got.body, "edge lets attempt's own answer pass");
}

#[test]
fn a_target_that_cannot_be_told_a_request_is_not_among_those_that_are_tried() {
    let openai = ASK.replace("chat", "narrow").replace(",\"x\":1", "");
    let anthropic = ASK_ANTHROPIC.replace("chat", "narrow");
    let with = |ask: &str, field: &str| ask.replacen('{', &format!("{{{field},"), 1);
    let cases = [
        (OPENAI, openai.clone(), "cluster"),
        (ANTHROPIC, anthropic.clone(), "cluster"),
        (OPENAI, with(&openai, "\"n\":2"), "single"),
        (OPENAI, with(&openai, "\"vendor\":2"), "single"),
        (OPENAI, openai.replace("\"user\"", "\"nobody\""), "single"),
        (ANTHROPIC, with(&anthropic, "\"top_k\":5"), "single"),
    ];
    for (path, ask, cluster) in cases {
        let fields = [(":method", "POST"), (":path", path)];
        let mut walk = Walk::send(Unsupported::Refuse, &fields, &ask).unwrap_or_else(|got| panic!("{got:?}"));
        assert_eq!(walk.head["x-tollgate-cluster"], cluster, "{ask}");
        if cluster == "single" {
            assert_eq!(walk.direct().path, format!("/base{path}"), "{ask}");
            let got = walk.reply_with(&[(":status", "429"), ("content-type", "application/json")], &[b"{}"]);
            assert_eq!((got.status, got.body.as_str()), (429, "{}"));
            walk.over();
            assert_eq!(counted(&walk, "gen_ai_request_model=narrow;"), 752, "an attempt, a request, 750 ms");
        }
    }
}

#[test]
fn a_refusal_hides_no_failure_of_the_targets_before_it() {
    let ask = ASK.replace("\"x\":1", "\"seed\":7");
    let fields = [(":method", "POST"), (":path", OPENAI)];
    for (failed, target, refused, status, words) in [
        (429, 1, 400, 429, "the provider answered with status 429; 2 attempts failed (429, refused)"),
        (503, 2, 500, 503, "the provider answered with status 503; 2 attempts failed (503, refused)"),
        (401, 1, 400, 502, "credentials; 2 attempts failed (401, refused)"),
    ] {
        let mut walk = Walk::send(Unsupported::Refuse, &fields, &ask).unwrap_or_else(|got| panic!("{got:?}"));
        walk.attempt(0).unwrap();
        walk.fails(failed);
        let answer = walk.attempt(target).unwrap_err();
        let got = walk.arrive_from(Origin::Envoy, refused, "application/json", &[answer.body.as_bytes()]);
        assert!(got.status == status && got.body.contains(words), "{got:?}");
        assert_eq!(
            [&walk.state["tollgate.provider"], &walk.state["tollgate.upstream_model"]],
            ["open", "gpt"]
        );
        walk.over();
        assert_eq!(counted(&walk, &format!("http_response_status_code={status}")), 1);
        assert_eq!(counted(&walk, "outcome=refused"), 1);
    }
    let mut walk = Walk::send(Unsupported::Refuse, &fields, &ask).unwrap_or_else(|got| panic!("{got:?}"));
    walk.attempt(0).unwrap();
    let answer = walk.attempt(1).unwrap_err();
    let got = walk.arrive_from(Origin::Envoy, 400, "application/json", &[answer.body.as_bytes()]);
    assert!(got.status == 503 && got.body.contains("2 attempts failed (no reply, refused)"), "{got:?}");
}

#[test]
fn what_is_refused_before_envoys_first_try_is_no_attempt() {
    let fields = [(":method", "POST"), (":path", OPENAI)];
    let ask = ASK.replace("chat", "other");
    let (mut walk, refused) = Walk::refused(Unsupported::Refuse, &fields, &ask);
    assert!(refused.status == 400 && refused.body.contains("`x`"), "{refused:?}");
    // Envoy has our answer pass through edge on its way to the client.
    let got = walk.arrive_from(Origin::Envoy, 400, "application/json", &[refused.body.as_bytes()]);
    assert_eq!((got.status, &got.body), (400, &refused.body));
    walk.over();
    assert_eq!(counted(&walk, "outcome=refused"), 1);
}
