//! The configuration that every walk goes by.

use tollgate_gateway::config::settings::*;
use tollgate_gateway::{attempt, downstream};

fn provider(name: &str, dialect: &str, credential: CredentialSettings) -> ProviderSettings {
    ProviderSettings { name: name.into(), dialect: dialect.into(), path_prefix: "/base".into(), credential }
}

fn open() -> ProviderSettings {
    provider("open", "openai_chat", CredentialSettings::Bearer { env: "OPEN".into() })
}

fn anth() -> ProviderSettings {
    provider("anth", "anthropic_messages", CredentialSettings::XApiKey { env: "ANTH".into() })
}

/// A provider whose key is missing.
fn lost() -> ProviderSettings {
    provider("lost", "openai_chat", CredentialSettings::Bearer { env: "MISSING".into() })
}

/// A model whose tries meet attempt at the upstream position.
fn tried(name: &str, targets: &[(&str, &str)], status_codes: &str) -> ModelSettings {
    let target = |(provider, model): &(&str, &str)| TargetSettings {
        provider: (*provider).into(),
        model: (*model).into(),
    };
    ModelSettings {
        name: name.into(),
        cluster: "cluster".into(),
        targets: targets.iter().map(target).collect(),
        retry: RetrySettings {
            on: "5xx".into(),
            status_codes: status_codes.into(),
            per_try_timeout_ms: Some(9000),
        },
        direct: None,
        own: Vec::new(),
    }
}

/// A model with a single target, which attempt meets right behind edge.
fn direct(name: &str, provider: ProviderSettings, model: &str, unsupported: Unsupported) -> ModelSettings {
    ModelSettings {
        name: name.into(),
        cluster: "single".into(),
        targets: vec![TargetSettings { provider: provider.name.clone(), model: model.into() }],
        retry: RetrySettings {
            on: "connect-failure,reset".into(),
            status_codes: String::new(),
            per_try_timeout_ms: None,
        },
        direct: Some(AttemptSettings { unsupported, providers: vec![provider] }),
        own: Vec::new(),
    }
}

fn own(dialect: &str, other: &str, narrowed: usize) -> OwnSettings {
    let others = vec![OtherSettings { dialect: other.into(), model: "m".into() }];
    OwnSettings { dialect: dialect.into(), others, narrowed }
}

/// The models `same` and `chat` are served by an OpenAI provider (target 0), an Anthropic one (1) and, `chat` alone, one
/// whose key is missing (2). `solo` has the OpenAI provider as its single target, `other` the Anthropic one. `narrow` is
/// served by these two, or by one of them alone where the other could not be told a request.
pub fn policies(unsupported: Unsupported) -> (downstream::Policy, attempt::Policy) {
    let providers = vec![open(), anth(), lost()];
    let attempt =
        attempt::Policy::compile(AttemptSettings { unsupported, providers }, attempt::Replies::Held);
    (downstream::Policy::compile(edge(unsupported)).unwrap(), attempt.unwrap())
}

/// What edge is configured with.
pub fn edge(unsupported: Unsupported) -> EdgeSettings {
    EdgeSettings {
        bounds: BoundSettings { request_body_bytes: 2000, response_body_bytes: 2000, event_bytes: 1000 },
        response_headers: true,
        forward_headers: vec!["x-team".into()],
        other_paths: OtherPaths::Refuse,
        narrowed: vec![
            direct("narrow", open(), "gpt", unsupported),
            direct("narrow", anth(), "claude", unsupported),
        ],
        models: vec![
            ModelSettings {
                own: vec![
                    own("openai_chat", "anthropic_messages", 0),
                    own("anthropic_messages", "openai_chat", 1),
                ],
                ..tried("narrow", &[("open", "gpt"), ("anth", "claude")], "429")
            },
            tried("same", &[("open", "same"), ("anth", "claude")], ""),
            tried("chat", &[("open", "gpt"), ("anth", "claude"), ("lost", "gone")], "429"),
            direct("solo", open(), "gpt", unsupported),
            direct("other", anth(), "claude", unsupported),
        ],
    }
}
