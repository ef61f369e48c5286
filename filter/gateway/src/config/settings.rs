//! What the filter reads at start and at each reload: the compiled configuration, as JSON.
//!
//! There is one document per position. Edge's knows every model and the cluster that serves it; attempt's is part of
//! that cluster and knows its providers. So an attempt's provider, address and credential are always of one
//! revision, whichever of the two reloads first.

use serde::{Deserialize, Serialize};

/// The configuration of one filter instance: `{"edge": …}` or `{"attempt": …}`. (A tag beside the fields would read more
/// easily and cost 30 kB of wasm.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settings {
    /// The downstream HTTP filter.
    Edge(EdgeSettings),
    /// The upstream HTTP filter of one cluster.
    Attempt(AttemptSettings),
}

/// What edge needs: every model that clients may ask for, and the bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeSettings {
    /// Sizes that nothing may exceed.
    pub bounds: BoundSettings,
    /// Whether replies carry `x-tollgate-*` headers.
    pub response_headers: bool,
    /// Request headers that reach providers beside those that always do, in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forward_headers: Vec<String>,
    /// What becomes of a request to a path that is no API's.
    pub other_paths: OtherPaths,
    /// The models by the names clients use, in the order they were written.
    pub models: Vec<ModelSettings>,
    /// Some of these once more, each with its targets of one dialect only; see [`OwnSettings`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrowed: Vec<ModelSettings>,
}

impl EdgeSettings {
    /// All that serves requests: the models, then the narrowed ones.
    pub fn served(&self) -> impl Iterator<Item = &ModelSettings> {
        self.models.iter().chain(&self.narrowed)
    }
}

/// What becomes of a request to a path that is no API's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherPaths {
    /// It is answered 404.
    Refuse,
    /// It goes on as it came, for the routes of a listener that serves other things too.
    Pass,
}

/// Bounds in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundSettings {
    /// Largest request body that is read; a larger one is answered 413.
    pub request_body_bytes: usize,
    /// Largest reply that is held whole, which only translated replies that are not streamed are.
    pub response_body_bytes: usize,
    /// Largest single event of a stream.
    pub event_bytes: usize,
}

/// One model that clients may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSettings {
    /// The name clients use.
    pub name: String,
    /// The Envoy cluster whose priorities are this model's providers.
    pub cluster: String,
    /// The providers' own names for the model, by priority: as many as the cluster has providers, at least one.
    pub targets: Vec<TargetSettings>,
    /// When the next target is tried, and how long each may take.
    pub retry: RetrySettings,
    /// What attempt needs, for a model with a single target: there is nothing to try again, so attempt runs right behind
    /// edge and the cluster carries no filter. Absent for every other model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<AttemptSettings>,
    /// What serves a request that targets of other dialects than its own cannot be told in full, by the request's dialect.
    /// Empty where such a request loses something instead, and where all targets speak the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<OwnSettings>,
}

/// What serves a request of one dialect that no other can express.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnSettings {
    /// The request's dialect.
    pub dialect: String,
    /// The model's targets of other dialects.
    pub others: Vec<OtherSettings>,
    /// The index in [`EdgeSettings::narrowed`] of the model without them.
    pub narrowed: usize,
}

/// A target as far as it matters whether it can be told a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherSettings {
    /// The name of its wire format.
    pub dialect: String,
    /// The model's name at its provider.
    pub model: String,
}

/// One target of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSettings {
    /// The provider's name in the configuration.
    pub provider: String,
    /// The model's name at the provider.
    pub model: String,
}

/// The values of Envoy's retry headers for one model. A model with a single target sends none: its route asks once more
/// where the connection failed before an answer began, unless `on` is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrySettings {
    /// `x-envoy-retry-on`, comma separated; empty for never.
    pub on: String,
    /// `x-envoy-retriable-status-codes`, comma separated; empty for none.
    pub status_codes: String,
    /// `x-envoy-upstream-rq-per-try-timeout-ms`: the time each try has to begin its answer, in milliseconds; absent
    /// where it is the route's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_try_timeout_ms: Option<u64>,
}

/// What attempt needs: the providers of its cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptSettings {
    /// What happens to a request that a provider's dialect cannot express in full.
    pub unsupported: Unsupported,
    /// The providers by priority; the endpoint's metadata `tollgate.target` (a decimal string) is the index.
    pub providers: Vec<ProviderSettings>,
}

/// What happens to a part of a request that the provider's dialect cannot express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsupported {
    /// It is left out; a response header and a counter say so.
    Drop,
    /// The request is refused with status 400.
    Refuse,
}

/// One provider as an attempt reaches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// The provider's name in the configuration.
    pub name: String,
    /// The name of the wire format: `openai_chat` or `anthropic_messages`.
    pub dialect: String,
    /// What stands before the dialect's own path; empty or `/prefix` without a slash at its end.
    pub path_prefix: String,
    /// How the gateway authenticates.
    pub credential: CredentialSettings,
}

/// How a request is authenticated; the secret itself is only ever in the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CredentialSettings {
    /// No credential is sent.
    None,
    /// `authorization: Bearer …`
    Bearer {
        /// The environment variable that holds the key.
        env: String,
    },
    /// `x-api-key: …`
    XApiKey {
        /// The environment variable that holds the key.
        env: String,
    },
}
