//! Tables of good and bad configurations, as JSON: positions are the reader's concern, meaning is this module's.

mod limits;
mod syntax;

use serde_json::{Value, json};

use super::settings::{CredentialSettings, OtherPaths, Settings, Unsupported};
use super::{Compiled, Written, compile};

/// A configuration without a mistake, to be changed by each case. JSON puts its names in alphabetical order.
fn good() -> Value {
    json!({
        "version": 1,
        "providers": {
            "openai": {"kind": "openai", "key": {"env": "OPENAI_API_KEY"}},
            "anthropic": {"kind": "anthropic", "key": {"env": "ANTHROPIC_API_KEY"}},
            "local": {"kind": "self_hosted", "url": "http://127.0.0.1:8088", "dialect": "openai_chat"},
        },
        "models": {
            "chat": {
                "targets": [{"provider": "local", "model": "smollm2"}],
                "fallback": [
                    {"provider": "anthropic", "model": "claude-haiku-4-5"},
                    {"provider": "openai", "model": "gpt-4o-mini"},
                ],
            },
        },
    })
}

/// `good` with the value at a JSON pointer replaced; the parent must be there.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[name] = value;
    document
}

fn every_key(_: &str) -> Option<String> {
    Some("sk-present".to_owned())
}

fn no_key(_: &str) -> Option<String> {
    None
}

fn read(document: Value, env: &dyn Fn(&str) -> Option<String>) -> Result<Compiled, Vec<String>> {
    let written: Written = serde_json::from_value(document).unwrap();
    compile(&written, env).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

/// Every expected problem is found, with its path, and nothing else.
fn check(document: Value, expected: &[&str]) {
    let problems = read(document, &every_key).err().unwrap_or_default();
    assert_eq!(problems, expected);
}

#[test]
fn what_is_not_written_has_its_documented_default() {
    let compiled = read(good(), &every_key).unwrap();
    assert_eq!(compiled.listen.to_string(), "127.0.0.1:10000");
    assert_eq!(compiled.admin.to_string(), "127.0.0.1:9901");
    assert_eq!(compiled.bounds.request_body_bytes, 16 << 20);
    assert_eq!(compiled.bounds.response_body_bytes, 16 << 20);
    assert_eq!(compiled.bounds.event_bytes, 1 << 20);
    assert_eq!(compiled.bounds.stream_idle_ms, 60_000);
    assert_eq!(compiled.bounds.connect_timeout_ms, 5_000);
    assert_eq!(compiled.unsupported, Unsupported::Drop);
    assert!(compiled.response_headers && compiled.forward_headers.is_empty());
    assert_eq!(compiled.other_paths, OtherPaths::Refuse);
    let retry = &compiled.models[0].retry;
    assert_eq!(retry.on, "5xx,connect-failure,reset,retriable-status-codes");
    assert_eq!(retry.status_codes, "429");
    assert_eq!(retry.per_try_timeout_ms, None, "the route has the default");
}

#[test]
fn each_mistake_is_reported_with_its_path_and_what_to_write() {
    check(with("/version", json!(2)), &["version: version 2 is not known: write `version: 1`"]);
    check(with("/version", json!(null)), &["version: the version is missing: write `version: 1`"]);
    check(
        with("/listen", json!({"address": "localhost"})),
        &[
            "listen.address: `localhost` is not an IP address: write an address such as `127.0.0.1`, or `0.0.0.0` for \
           every interface",
        ],
    );
    check(
        with("/listen", json!({"port": 0})),
        &["listen.port: 0 is not a port: write a number from 1 to 65535, such as `10000`"],
    );
    check(
        with("/listen", json!({"port": 65536})),
        &["listen.port: 65536 is not a port: write a number from 1 to 65535, such as `10000`"],
    );
    check(
        with("/admin", json!({"address": "0.0.0.0"})),
        &[
            "admin.address: the admin interface would be open to a network at 0.0.0.0: write a loopback address such \
           as `127.0.0.1`",
        ],
    );
    check(
        with("/admin", json!({"port": 10000})),
        &["admin.port: port 10000 is already where clients connect: write another port than `listen.port`"],
    );
    check(
        with("/bounds", json!({"event": "17MiB", "stream_idle": "99ms"})),
        &[
            "bounds.event: 17MiB is out of range: write 1KiB to 16MiB",
            "bounds.stream_idle: 99ms is out of range: write 100ms to 1h",
        ],
    );
}

#[test]
fn a_provider_says_what_it_lacks() {
    check(
        with("/providers/local", json!({"kind": "self_hosted"})),
        &[
            "providers.local.url: a self-hosted provider needs a url: write a url such as `http://127.0.0.1:8088` or \
             `https://llm.example.com/prefix`",
            "providers.local.dialect: a self-hosted provider needs a dialect: write `dialect: openai_chat` or \
             `dialect: anthropic_messages`",
        ],
    );
    check(
        with("/providers/local", json!({})),
        &[
            "providers.local.kind: the kind is missing: write `kind: openai`, `kind: anthropic` or `kind: self_hosted`",
        ],
    );
    check(
        with("/providers/openai", json!({"kind": "openai"})),
        &["providers.openai.key: this kind of provider needs a key: write `key: {env: OPENAI_API_KEY}`"],
    );
    check(
        with("/providers/openai/dialect", json!("anthropic_messages")),
        &[
            "providers.openai.dialect: this kind of provider speaks another dialect: leave it out, or write `dialect: \
           openai_chat`",
        ],
    );
    check(
        with("/providers/Local", json!({"kind": "openai", "key": {"env": "OPENAI_API_KEY"}})),
        &[
            "providers.Local: `Local` cannot name a provider: write lower-case letters, digits, `-` and `_`, at most 63",
        ],
    );
}

#[test]
fn a_model_says_what_it_lacks() {
    check(
        with("/models/chat/targets", json!([{"provider": "locl", "model": "a"}, {}])),
        &[
            "models.chat.targets[0].provider: there is no provider `locl`: did you mean `local`",
            "models.chat.targets[1].provider: the provider is missing: write one of `anthropic`, `local`, `openai`",
            "models.chat.targets[1].model: the model is missing: write the provider's own name for the model, such as \
             `model: gpt-4o-mini`",
        ],
    );
    check(
        with("/models/gpt-4.1", json!({"targets": []})),
        &[
            "models.\"gpt-4.1\".targets: the model has no target: write at least one, such as `targets: [{provider: \
           local, model: smollm2}]`",
        ],
    );
    check(
        with("/models/a;b", json!({"targets": [{"provider": "local", "model": "a"}]})),
        &["models.\"a;b\": \"a;b\" cannot name a model: write letters, digits and `-_.:/@+`, at most 128"],
    );
    check(
        with(
            "/models/solo",
            json!({"targets": [{"provider": "local", "model": "a"}], "retry": {"on": ["5xx"]}}),
        ),
        &[
            "models.solo.retry.on: there is nothing to fall back to: the model has one target: add a fallback, or leave \
           `on` out: a single target is asked once more where its connection failed, unless `on` is `[]`",
        ],
    );
    check(
        with("/models", json!({})),
        &[
            "models: there is no model: write at least one, such as `chat: {targets: [{provider: local, model: \
           smollm2}]}`",
        ],
    );
}

#[test]
fn a_missing_key_is_a_mistake_unless_the_provider_is_optional() {
    let problems = read(good(), &no_key).unwrap_err();
    assert_eq!(
        problems,
        [
            "providers.anthropic.key.env: the environment has no ANTHROPIC_API_KEY: set it, or write `optional: true` \
             to start without this provider",
            "providers.openai.key.env: the environment has no OPENAI_API_KEY: set it, or write `optional: true` to \
             start without this provider",
        ]
    );
    let mut document = with("/providers/openai/optional", json!(true));
    document["models"]["gpt"] = json!({"targets": [{"provider": "openai", "model": "gpt-4o-mini"}]});
    let without_openai = |name: &str| (name != "OPENAI_API_KEY").then(|| "sk-present".to_owned());
    let compiled = read(document, &without_openai).unwrap();
    assert_eq!(
        compiled.left_out,
        [
            "provider `openai` is left out: it is optional and the environment has no OPENAI_API_KEY",
            "model `chat`: fallback[1] is left out with its provider `openai`",
            "model `gpt`: targets[0] is left out with its provider `openai`",
            "model `gpt` is left out: no target is left",
        ]
    );
    assert_eq!(compiled.models.len(), 1);
    assert_eq!(compiled.chain(&compiled.models[0]).name(), "local+anthropic");
    assert_eq!(compiled.key_names(), ["ANTHROPIC_API_KEY"]);
}

#[test]
fn a_configuration_that_would_serve_nothing_is_a_mistake() {
    let document = json!({
        "version": 1,
        "providers": {"openai": {"kind": "openai", "key": {"env": "OPENAI_API_KEY"}, "optional": true}},
        "models": {"gpt": {"targets": [{"provider": "openai", "model": "gpt-4o-mini"}]}},
    });
    assert_eq!(
        read(document, &no_key).unwrap_err(),
        [
            "models: no model is left, because every provider that one names is left out: set a key of one of the \
          providers, or add one that needs none"
        ]
    );
}

#[test]
fn an_empty_or_unsendable_key_is_not_taken() {
    let blank = |_: &str| Some("  \n".to_owned());
    assert!(read(good(), &blank).unwrap_err()[1].contains("the environment has no OPENAI_API_KEY"));
    let broken = |_: &str| Some("sk-top\r\nsecret".to_owned());
    let problems = read(good(), &broken).unwrap_err();
    assert!(problems[1].contains("the value of OPENAI_API_KEY cannot be sent in a header"));
    assert!(!problems.join("").contains("secret"));
}

#[test]
fn a_pasted_key_is_not_repeated() {
    let pasted = with("/providers/openai/key", json!({"env": "sk-pasted"}));
    let in_url = with("/providers/local/url", json!("http://user:sk-pasted@127.0.0.1"));
    for document in [pasted, in_url] {
        let problems = read(document, &every_key).unwrap_err().join("");
        assert!(!problems.is_empty() && !problems.contains("sk-pasted"), "{problems}");
    }
}

#[test]
fn models_with_the_same_chain_share_it_and_others_do_not() {
    let targets = |names: &[&str]| {
        let target = |name: &&str| json!({"provider": name, "model": "m"});
        json!({"targets": names.iter().map(target).collect::<Vec<_>>()})
    };
    let mut document = good();
    document["models"]["same"] = targets(&["local", "anthropic", "openai"]);
    document["models"]["other"] = targets(&["anthropic", "local", "openai"]);
    let compiled = read(document, &every_key).unwrap();
    let names: Vec<String> = compiled.chains().iter().map(super::Chain::name).collect();
    // The document's models are in the order of their names here, because JSON's are.
    assert_eq!(names, ["local+anthropic+openai", "anthropic+local+openai"]);
    assert_eq!(compiled.key_names(), ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"]);
}

#[test]
fn the_filters_documents_carry_names_of_keys_and_every_target() {
    let compiled = read(good(), &every_key).unwrap();
    let Settings::Edge(edge) = compiled.edge_settings(|chain| format!("cluster of {}", chain.name())) else {
        panic!("edge's document is not edge's");
    };
    assert_eq!(edge.models[0].cluster, "cluster of local+anthropic+openai");
    assert_eq!(edge.models[0].targets.len(), 3);
    assert_eq!(edge.models[0].direct, None, "several targets are tried at the upstream position");
    let attempt = compiled.attempt_settings(&compiled.chains()[0]);
    let credentials: Vec<_> = attempt.providers.into_iter().map(|it| it.credential).collect();
    assert_eq!(
        credentials,
        [
            CredentialSettings::None,
            CredentialSettings::XApiKey { env: "ANTHROPIC_API_KEY".to_owned() },
            CredentialSettings::Bearer { env: "OPENAI_API_KEY".to_owned() },
        ]
    );
}

#[test]
fn one_target_is_asked_again_where_its_connection_failed_unless_that_is_switched_off() {
    for (retry, on) in [(json!(null), "connect-failure,reset"), (json!({"on": []}), "")] {
        let solo = json!({"targets": [{"provider": "local", "model": "m"}], "retry": retry});
        let compiled = read(with("/models/solo", solo), &every_key).unwrap();
        let solo = compiled.models.iter().find(|model| model.name == "solo").unwrap();
        assert_eq!((solo.retry.on.as_str(), solo.retry.status_codes.as_str()), (on, ""));
    }
}

#[test]
fn where_nothing_may_be_dropped_a_model_is_also_served_by_its_targets_of_each_dialect() {
    let edge = |unsupported: &str, targets: &[&str]| {
        let mut document = with("/translation", json!({"unsupported": unsupported}));
        let target = |name: &&str| json!({"provider": name, "model": format!("m-{name}")});
        document["models"] = json!({"chat": {"targets": targets.iter().map(target).collect::<Vec<_>>()}});
        let compiled = read(document, &every_key).unwrap();
        let chains: Vec<String> = compiled.chains().iter().map(super::Chain::name).collect();
        let Settings::Edge(edge) = compiled.edge_settings(|chain| chain.name()) else { panic!("not edge's") };
        let narrowed: Vec<_> = edge.narrowed.iter().map(|it| it.cluster.clone()).collect();
        assert!(narrowed.iter().all(|cluster| chains.contains(cluster)), "{chains:?}");
        assert!(edge.narrowed.iter().all(|it| (it.targets.len() == 1) == it.direct.is_some()));
        assert!(edge.narrowed.iter().all(|it| it.retry.status_codes.is_empty() == it.direct.is_some()));
        let own = edge.models[0].own.iter().map(|own| {
            let others: Vec<_> = own.others.iter().map(|it| format!("{} {}", it.dialect, it.model)).collect();
            format!("{}: {} but for {}", own.dialect, narrowed[own.narrowed], others.join(", "))
        });
        own.collect::<Vec<_>>()
    };
    let mixed = ["local", "anthropic", "openai"];
    assert_eq!(
        edge("refuse", &mixed),
        [
            "anthropic_messages: anthropic but for openai_chat m-local, openai_chat m-openai",
            "openai_chat: local+openai but for anthropic_messages m-anthropic",
        ]
    );
    for (unsupported, targets) in
        [("drop", &mixed[..]), ("refuse", &["local", "openai"]), ("refuse", &["local"])]
    {
        assert!(edge(unsupported, targets).is_empty(), "{unsupported} {targets:?}");
    }
}

#[test]
fn headers_are_forwarded_by_choice_and_credentials_never() {
    let compiled = read(with("/forward_headers", json!(["x-team", "baggage"])), &every_key).unwrap();
    assert_eq!(compiled.forward_headers, ["x-team", "baggage"]);
    check(
        with("/forward_headers", json!(["X-Team", "authorization", "x-envoy-a", ""])),
        &[
            "forward_headers[0]: this cannot name a header: write small letters, digits and `-`, such as `x-team`",
            "forward_headers[1]: this header is never forwarded: leave it out: credentials and control headers stay \
           here",
            "forward_headers[2]: this header is never forwarded: leave it out: credentials and control headers stay \
           here",
            "forward_headers[3]: this cannot name a header: write small letters, digits and `-`, such as `x-team`",
        ],
    );
    let many: Vec<_> = (0..65).map(|at| format!("x-{at}")).collect();
    check(
        with("/forward_headers", json!(many)),
        &["forward_headers: there are more than 64 headers: leave some out"],
    );
}

#[test]
fn retry_words_become_headers_once_each() {
    let retry = json!({"on": ["5xx", 429, "reset", "5xx", "408", 429], "per_try_timeout": "120s"});
    let compiled = read(with("/models/chat/retry", retry), &every_key).unwrap();
    let retry = &compiled.models[0].retry;
    assert_eq!(retry.on, "5xx,reset,retriable-status-codes");
    assert_eq!(retry.status_codes, "429,408");
    assert_eq!(retry.per_try_timeout_ms, Some(120_000));
}

#[test]
fn a_failure_that_envoy_would_ignore_is_refused() {
    let refused = |value: Value| {
        let written = with("/models/chat/retry", json!({ "on": [value] }));
        serde_json::from_value::<Written>(written).unwrap_err().to_string()
    };
    assert!(
        refused(json!("5xxx")).starts_with("`5xxx` is not a failure that can be retried: did you mean `5xx`")
    );
    assert!(refused(json!("4xx")).contains("write the statuses"));
    assert!(refused(json!("+429")).starts_with("`+429` is not a status: write `429`"));
    assert!(refused(json!("0429")).starts_with("`0429` is not a status: write `429`"));
    assert!(refused(json!(399)).starts_with("399 is not a failure"));
    assert!(refused(json!(600)).starts_with("600 is not a failure"));
}

#[test]
fn an_unknown_field_is_refused() {
    let written = serde_json::from_value::<Written>(with("/modles", json!({})));
    assert!(written.unwrap_err().to_string().starts_with("unknown field `modles`"));
}
