//! When the next target is tried: the words of Envoy's retry headers, closed to those that make sense here.
//!
//! A word that Envoy would silently ignore is a mistake.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use super::names::suggest;
use super::settings::RetrySettings;

/// The words of `x-envoy-retry-on` that may be written.
const WORDS: [&str; 8] = [
    "5xx",
    "gateway-error",
    "connect-failure",
    "reset",
    "reset-before-request",
    "refused-stream",
    "retriable-4xx",
    "envoy-ratelimited",
];
/// What Envoy wants to hear before it looks at the status codes.
const BY_STATUS: &str = "retriable-status-codes";

/// A failure after which the next target is tried: one of Envoy's words or a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryOn {
    /// A word of `x-envoy-retry-on`.
    Word(&'static str),
    /// A status of the reply, 400 to 599.
    Status(u16),
}

/// What holds where nothing is written.
pub(super) const DEFAULT: [RetryOn; 4] =
    [RetryOn::Word("5xx"), RetryOn::Status(429), RetryOn::Word("connect-failure"), RetryOn::Word("reset")];

/// What holds for a model with a single target: connections end while they are idle, and a request that was just sent
/// there is lost.
pub(super) const SAME: [RetryOn; 2] = [RetryOn::Word("connect-failure"), RetryOn::Word("reset")];

impl RetryOn {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(word) = WORDS.into_iter().find(|word| *word == text) {
            return Ok(Self::Word(word));
        }
        // What Rust reads as a number is more than what the schema does.
        let is_number = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        match text.parse::<u16>() {
            Ok(status) if !is_number => Err(format!("`{text}` is not a status: write `{status}`")),
            Ok(status @ 400..=599) => Ok(Self::Status(status)),
            Ok(status) => Err(format!("{status} is not a failure: write a status from 400 to 599")),
            Err(_) if text == "4xx" => {
                Err("`4xx` is not retried as a whole: write the statuses, such as 408, 409, 429".to_owned())
            }
            Err(_) => {
                let help = suggest(text, WORDS.into_iter());
                Err(format!(
                    "`{text}` is not a failure that can be retried: {help}, or a status from 400 to 599"
                ))
            }
        }
    }
}

impl<'de> Deserialize<'de> for RetryOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Failure)
    }
}

struct Failure;

impl Visitor<'_> for Failure {
    type Value = RetryOn;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a failure such as `5xx` or a status such as 429")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RetryOn, E> {
        RetryOn::parse(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, status: u64) -> Result<RetryOn, E> {
        self.visit_str(&status.to_string())
    }
}

impl RetrySettings {
    /// The same for a single target: there is no other to try, so what is left is asking it again.
    pub(super) fn of_one(&self) -> Self {
        let again = self.on.split(',').any(|word| word == "reset");
        settings(if again { &SAME } else { &[] }, self.per_try_timeout_ms)
    }
}

/// The values of Envoy's retry headers: each word and each status once, in the order written.
pub(super) fn settings(on: &[RetryOn], per_try_timeout_ms: Option<u64>) -> RetrySettings {
    let mut words: Vec<&str> = Vec::new();
    let mut codes: Vec<String> = Vec::new();
    for failure in on {
        match failure {
            RetryOn::Word(word) if !words.contains(word) => words.push(word),
            RetryOn::Status(status) if !codes.contains(&status.to_string()) => codes.push(status.to_string()),
            RetryOn::Word(_) | RetryOn::Status(_) => {}
        }
    }
    if !codes.is_empty() {
        words.push(BY_STATUS);
    }
    RetrySettings { on: words.join(","), status_codes: codes.join(","), per_try_timeout_ms }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for RetryOn {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RetryOn".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A failure after which the next target is tried: one of Envoy's words or a status.",
            "anyOf": [
                {"type": "string", "enum": WORDS},
                {"type": "string", "pattern": "^[45][0-9]{2}$"},
                {"type": "integer", "minimum": 400, "maximum": 599},
            ],
        })
    }
}
