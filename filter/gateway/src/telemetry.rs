//! Names of metrics, their labels and the fields of the access log, after OpenTelemetry's conventions for generative AI
//! where those have a name (semantic conventions 1.37, "Generative AI metrics").
//!
//! A metric's name carries its labels as `;name=value` pairs with a last `;`, since the host knows no labels; the rendered
//! `stats_tags` take them out again.

use crate::effect::{Labels, Metric, Series};

/// What kind of metric it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Grows only.
    Counter,
    /// A distribution.
    Histogram,
}

impl Metric {
    /// The name without labels.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Requests => "tollgate.requests",
            Metric::Rejects => "tollgate.rejects",
            Metric::Attempts => "tollgate.attempts",
            Metric::Unsupported => "tollgate.unsupported",
            Metric::BrokenStreams => "tollgate.broken_streams",
            Metric::Tokens => "tollgate.tokens",
            Metric::TokenUsage => "tollgate.gen_ai.client.token.usage",
            Metric::RequestDuration => "tollgate.gen_ai.server.request.duration",
            Metric::TimeToFirstToken => "tollgate.gen_ai.server.time_to_first_token",
        }
    }

    /// Counter or histogram.
    pub fn kind(self) -> Kind {
        match self {
            Metric::Requests
            | Metric::Rejects
            | Metric::Attempts
            | Metric::Unsupported
            | Metric::BrokenStreams
            | Metric::Tokens => Kind::Counter,
            Metric::TokenUsage | Metric::RequestDuration | Metric::TimeToFirstToken => Kind::Histogram,
        }
    }

    /// The label that [`Series::word`] is the value of.
    fn word_label(self) -> &'static str {
        match self {
            Metric::Requests => "http_response_status_code",
            Metric::Rejects => "error_type",
            Metric::Attempts => "outcome",
            Metric::Tokens | Metric::TokenUsage => "gen_ai_token_type",
            Metric::Unsupported
            | Metric::BrokenStreams
            | Metric::RequestDuration
            | Metric::TimeToFirstToken => "",
        }
    }
}

impl Series {
    /// The name as the host is told it, labels included.
    pub fn host_name(&self) -> String {
        let mut name = format!("{}{}", self.metric.name(), self.target.pairs());
        if let Some(dialect) = self.dialect {
            name.push_str(";client_dialect=");
            name.push_str(dialect.name());
        }
        if !self.word.is_empty() {
            name.push(';');
            name.push_str(self.metric.word_label());
            name.push('=');
            name.push_str(&self.word);
        }
        name.push(';');
        name
    }
}

/// The labels of one target of a model.
pub fn labels(asked: &str, provider: &str, model: &str) -> Labels {
    Labels::new(&format!(
        ";gen_ai_operation_name=chat;gen_ai_provider_name={provider};gen_ai_request_model={asked};\
         gen_ai_response_model={model}"
    ))
}

/// Fields of the access log, which are the names of filter state behind `wasm.tollgate.`.
pub mod field {
    /// The dialect the client spoke.
    pub const CLIENT_DIALECT: &str = "tollgate.client_dialect";
    /// The model the client asked for.
    pub const MODEL: &str = "tollgate.model";
    /// The provider that was asked last; attempt leaves it with each try.
    pub const PROVIDER: &str = "tollgate.provider";
    /// The name of the model at the provider that was asked last; attempt leaves it with each try.
    pub const UPSTREAM_MODEL: &str = "tollgate.upstream_model";
    /// Prompt tokens, cached ones included.
    pub const PROMPT_TOKENS: &str = "tollgate.prompt_tokens";
    /// Completion tokens, reasoning included.
    pub const COMPLETION_TOKENS: &str = "tollgate.completion_tokens";
    /// Prompt tokens that the provider read from its cache.
    pub const CACHED_TOKENS: &str = "tollgate.cached_tokens";
    /// Completion tokens spent on reasoning.
    pub const REASONING_TOKENS: &str = "tollgate.reasoning_tokens";
    /// The error that Envoy tells where a reply breaks off that edge holds, in the client's dialect; not for people.
    pub const FAILURE: &str = "tollgate.failure";
    /// What edge hands to attempt; not for people.
    pub const HANDOFF: &str = "tollgate.handoff";
    /// What attempt hands to edge; not for people.
    pub const RECEIPT: &str = "tollgate.receipt";
}
