//! OpenAI's own endpoint.

use super::{Endpoint, Kind, Scheme};
use crate::dialects::Dialect;

/// The facts.
pub const KIND: Kind = Kind {
    name: "openai",
    about: "OpenAI's API at `https://api.openai.com`.",
    endpoint: Endpoint::Known {
        url: "https://api.openai.com",
        dialect: Dialect::OpenaiChat,
        scheme: Scheme::Bearer,
    },
    key: "OPENAI_API_KEY",
};
