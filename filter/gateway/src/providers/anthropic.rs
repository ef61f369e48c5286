//! Anthropic's own endpoint.

use super::{Endpoint, Kind, Scheme};
use crate::dialects::Dialect;

/// The facts.
pub const KIND: Kind = Kind {
    name: "anthropic",
    about: "Anthropic's API at `https://api.anthropic.com`.",
    endpoint: Endpoint::Known {
        url: "https://api.anthropic.com",
        dialect: Dialect::AnthropicMessages,
        scheme: Scheme::XApiKey,
    },
    key: "ANTHROPIC_API_KEY",
};
