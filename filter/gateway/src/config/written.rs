//! `gateway.yaml` as it is written, before anything of it is understood.
//!
//! Every field may be absent here, because what is missing is reported by `compile` together with all other mistakes.
//! An unknown field is a mistake. Names keep the order in which they were written.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::retry::RetryOn;
use super::units::{Period, Size};
use crate::dialects;
use crate::providers::Kind;

/// The gateway's configuration, `gateway.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(title = "gateway.yaml"))]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The version of this format. Required: `1`.
    #[cfg_attr(feature = "schema", schemars(required, range(min = 1, max = 1)))]
    pub version: Option<u64>,
    /// Where clients connect. Default: `{address: 127.0.0.1, port: 10000}`.
    pub listen: Option<Address>,
    /// Where Envoy's admin interface listens; only a loopback address is accepted, because it can stop the gateway.
    /// Default: `{address: 127.0.0.1, port: 9901}`.
    pub admin: Option<Address>,
    /// Sizes and times that nothing may exceed.
    pub bounds: Option<Bounds>,
    /// How requests are carried from one wire format to another.
    pub translation: Option<Translation>,
    /// Whether replies carry `x-tollgate-model`, `x-tollgate-provider` and the like. Default: `true`.
    pub response_headers: Option<bool>,
    /// Request headers that reach providers beside those that always do (`user-agent`, tracing, a request's id, and the
    /// headers of the provider's own API). Everything else a client or a proxy before the gateway sends stays here.
    /// Names in lower case. Default: none.
    pub forward_headers: Option<Vec<String>>,
    /// What becomes of a request to a path that is no API's, in an Envoy that serves other things too. Default:
    /// `refuse`.
    pub other_paths: Option<OtherPaths>,
    /// The endpoints that answer, by a name of your choice. Required.
    #[cfg_attr(
        feature = "schema",
        schemars(required, with = "Option<std::collections::BTreeMap<String, Provider>>")
    )]
    pub providers: Option<Named<Provider>>,
    /// What clients may ask for, by the name they use. Required.
    #[cfg_attr(
        feature = "schema",
        schemars(required, with = "Option<std::collections::BTreeMap<String, Model>>")
    )]
    pub models: Option<Named<Model>>,
}

/// An address and a port to listen on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// An IPv4 or IPv6 address. Default: `127.0.0.1`; `0.0.0.0` is every interface by IPv4, `::` by IPv4 and IPv6.
    pub address: Option<String>,
    /// A port from 1 to 65535. Default: `10000`, and `9901` for the admin interface.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65535)))]
    pub port: Option<u64>,
}

/// Sizes and times that nothing may exceed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Largest request body, 1KiB to 256MiB; a larger one is answered 413. Default: `16MiB`.
    pub request_body: Option<Size>,
    /// Largest reply that is held whole, which only translated replies that are not streamed are, 1KiB to 256MiB.
    /// Default: `16MiB`.
    pub response_body: Option<Size>,
    /// Largest single event of a stream, 1KiB to 16MiB. Default: `1MiB`.
    pub event: Option<Size>,
    /// Longest silence of a stream, 100ms to 1h. Nothing is given up before all tries of a model have had the time to
    /// begin an answer, so the largest sum of `per_try_timeout` over a model's targets, and a second, is the least that
    /// applies. Default: `60s`.
    pub stream_idle: Option<Period>,
    /// Longest time to connect to a provider, 10ms to 5m. Default: `5s`.
    pub connect_timeout: Option<Period>,
}

/// How requests are carried from one wire format to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// What happens to a part of a request that the provider's dialect cannot express. Default: `drop`.
    pub unsupported: Option<Unsupported>,
}

/// What happens to a part of a request that the provider's dialect cannot express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unsupported {
    /// It is left out; a response header and a counter say so.
    Drop,
    /// The request is refused with status 400.
    Refuse,
}

/// What becomes of a request to a path that is no API's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OtherPaths {
    /// It is answered 404.
    Refuse,
    /// It goes on as it came, to the listener's other routes.
    Pass,
}

/// An endpoint that answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Whose endpoint it is. Required.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub kind: Option<&'static Kind>,
    /// Its address, `http` or `https`, with a path where the endpoint stands below one; a `/v1` at the end may be left
    /// out. Default: the kind's own; required for `self_hosted`.
    pub url: Option<String>,
    /// The wire format it speaks. Default: the kind's own; required for `self_hosted`.
    pub dialect: Option<Dialect>,
    /// Where its key is. Required for every kind but `self_hosted`, which is called without one where none is written.
    pub key: Option<Key>,
    /// Whether the gateway starts without this provider when its key is missing. Default: `false`.
    pub optional: Option<bool>,
}

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// OpenAI's Chat Completions, `/v1/chat/completions`.
    #[serde(rename = "openai_chat")]
    OpenAiChat,
    /// Anthropic's Messages, `/v1/messages`.
    AnthropicMessages,
}

impl Dialect {
    /// The wire format that is meant.
    pub fn meant(self) -> dialects::Dialect {
        match self {
            Dialect::OpenAiChat => dialects::Dialect::OpenaiChat,
            Dialect::AnthropicMessages => dialects::Dialect::AnthropicMessages,
        }
    }
}

/// Where a key is; never the key itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The name of the environment variable of the Envoy process that holds the key. Required.
    #[cfg_attr(feature = "schema", schemars(required, regex(pattern = r"^[A-Z_][A-Z0-9_]*$")))]
    pub env: Option<String>,
}

/// A name that clients may ask for, and who answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Who answers, in the order they are tried. Required, at least one.
    #[cfg_attr(feature = "schema", schemars(required, length(min = 1)))]
    pub targets: Option<Vec<Target>>,
    /// Who answers when all targets failed, in the order they are tried. Default: nobody.
    pub fallback: Option<Vec<Target>>,
    /// When the next target is tried.
    pub retry: Option<Retry>,
}

/// A model at a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The name of one of `providers`. Required.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub provider: Option<String>,
    /// The provider's own name for the model. Required.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub model: Option<String>,
}

/// When the next target is tried, and how long each may take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// The failures after which the next target is tried. Default: `[5xx, 429, connect-failure, reset]`. A single target is
    /// asked once more where its connection failed before an answer began; `[]` switches that off.
    pub on: Option<Vec<RetryOn>>,
    /// The time each try has to begin its answer, which for a stream is the first piece of it and not just the head, 100ms
    /// to 1h. Default: `bounds.stream_idle`.
    pub per_try_timeout: Option<Period>,
}

/// A mapping from names to values that keeps the order in which it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T>(pub Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping from names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Named(entries))
    }
}
