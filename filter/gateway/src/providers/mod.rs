//! Providers: the endpoints that the gateway knows, each as data in a file of its own.
//!
//! A kind says where an endpoint is, which dialect it speaks and how it takes its key. It decides nothing: the
//! configuration is compiled with it, and neither machine knows its name. A new one is a file here and a line in [`ALL`].

mod anthropic;
mod openai;
mod read;
mod self_hosted;

use crate::dialects::Dialect;

/// Every kind, in the order in which they are told to people.
pub const ALL: [&Kind; 3] = [&openai::KIND, &anthropic::KIND, &self_hosted::KIND];

/// A kind of endpoint.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it is, in one sentence of Markdown, for editors.
    pub about: &'static str,
    /// Where it is, where that is known.
    pub endpoint: Endpoint,
    /// The usual name of the environment variable that holds its key.
    pub key: &'static str,
}

/// Where an endpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// At one address for everybody; it needs a key.
    Known {
        /// The address, without the dialect's path.
        url: &'static str,
        /// What it speaks.
        dialect: Dialect,
        /// How it takes its key.
        scheme: Scheme,
    },
    /// Wherever the configuration says, speaking what the configuration says, with a key or without.
    Written,
}

/// How a key is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `authorization: Bearer …`
    Bearer,
    /// `x-api-key: …`
    XApiKey,
}

impl Scheme {
    /// How a server takes its key of which no more is known than its dialect: as the dialect's owner does.
    pub fn usual(dialect: Dialect) -> Self {
        match dialect {
            Dialect::OpenaiChat => Scheme::Bearer,
            Dialect::AnthropicMessages => Scheme::XApiKey,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_name_of_its_own() {
        for (at, kind) in ALL.iter().enumerate() {
            assert!(ALL.iter().skip(at + 1).all(|other| other.name != kind.name), "{}", kind.name);
        }
    }

    #[test]
    fn a_known_endpoint_is_reached_over_tls() {
        for kind in ALL {
            if let Endpoint::Known { url, .. } = kind.endpoint {
                assert!(url.starts_with("https://") && !url.ends_with('/'), "{url}");
            }
        }
    }
}
