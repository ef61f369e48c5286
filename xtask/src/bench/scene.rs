//! What is sent and what it is compared with: the variants of Envoy, the requests, and the models that stand for them.

use std::fmt;

/// One Envoy among the compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// As rendered, without any wasm.
    Plain,
    /// With a filter that does nothing in the place of edge, and none in the place of attempt.
    Noop,
    /// The gateway.
    Tollgate,
}

impl Variant {
    /// In the order of the tables.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Noop, Self::Tollgate];
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Plain => "plain Envoy",
            Self::Noop => "no-op filter",
            Self::Tollgate => "Tollgate",
        })
    }
}

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAI's Chat Completions.
    OpenAi,
    /// Anthropic's Messages.
    Anthropic,
}

impl Dialect {
    /// Where requests are posted to.
    pub fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/v1/chat/completions",
            Self::Anthropic => "/v1/messages",
        }
    }

    /// What the official SDK of the dialect sends along.
    pub fn headers(self) -> [&'static str; 9] {
        match self {
            Self::OpenAi => [
                "authorization: Bearer sk-client-0123456789abcdef0123456789abcdef",
                "user-agent: OpenAI/Python 1.99.0",
                "x-stainless-package-version: 1.99.0",
                "accept: application/json",
                "accept-encoding: gzip, deflate",
                "content-type: application/json",
                "x-stainless-lang: python",
                "x-stainless-os: Linux",
                "x-stainless-retry-count: 0",
            ],
            Self::Anthropic => [
                "x-api-key: sk-ant-client-0123456789abcdef0123456789abcdef",
                "user-agent: Anthropic/Python 0.64.0",
                "anthropic-version: 2023-06-01",
                "accept: application/json",
                "accept-encoding: gzip, deflate",
                "content-type: application/json",
                "x-stainless-lang: python",
                "x-stainless-os: Linux",
                "x-stainless-retry-count: 0",
            ],
        }
    }

    /// The name of the provider that speaks it.
    pub fn provider(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::OpenAi => Self::Anthropic,
            Self::Anthropic => Self::OpenAi,
        }
    }

    /// How a stream ends.
    fn stream_end(self) -> &'static str {
        match self {
            Self::OpenAi => "data: [DONE]",
            Self::Anthropic => "data: {\"type\":\"message_stop\"}",
        }
    }
}

/// What the provider is told to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A short greeting as JSON.
    Json,
    /// A stream of so many deltas, each written by itself and a moment after the one before.
    Stream(usize),
}

impl Reply {
    /// The model's name at the provider, which is the script it follows.
    pub fn script(self) -> String {
        match self {
            Self::Json => "ok".to_owned(),
            Self::Stream(events) => format!("paced-5ms+events-{events}"),
        }
    }

    fn expected(self, client: Dialect) -> Expected {
        match self {
            Self::Json => Expected { contains: "Hello".to_owned(), ends: "}" },
            Self::Stream(events) => {
                Expected { contains: format!(" word{}", events.saturating_sub(1)), ends: client.stream_end() }
            }
        }
    }
}

/// What an answer must be to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// What its body contains.
    pub contains: String,
    /// What its body ends with.
    pub ends: &'static str,
}

/// A request as a client sends it, whoever answers it.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The client's dialect.
    pub client: Dialect,
    /// The name of its body's file.
    pub body: &'static str,
    /// What it asks for.
    pub reply: Reply,
}

/// Whether a model has a second target, which changes where the gateway does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// It has none.
    None,
    /// The provider that speaks the other dialect; it is never needed.
    One,
}

/// Whom a request is meant to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The provider that speaks this dialect.
    pub provider: Dialect,
    /// What stands behind it.
    pub fallback: Fallback,
}

/// The name under which Tollgate knows a goal with a script.
pub fn model(goal: Goal, reply: Reply) -> String {
    let reply = match reply {
        Reply::Json => "json".to_owned(),
        Reply::Stream(events) => format!("stream-{events}"),
    };
    let safe = if goal.fallback == Fallback::One { "-safe" } else { "" };
    format!("{}-{reply}{safe}", goal.provider.provider())
}

impl Ask {
    /// The body: its model is the provider's script where nothing translates, else the name that Tollgate knows.
    pub fn body(&self, template: &str, variant: Variant, goal: Goal) -> String {
        let model = match variant {
            Variant::Plain | Variant::Noop => self.reply.script(),
            Variant::Tollgate => model(goal, self.reply),
        };
        let stream = if self.reply == Reply::Json { "" } else { ",\"stream\":true" };
        template.replacen("\"MODEL\"", &format!("\"{model}\"{stream}"), 1)
    }

    /// What its answer must be.
    pub fn expected(&self) -> Expected {
        self.reply.expected(self.client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: Ask = Ask { client: Dialect::OpenAi, body: "openai-1k", reply: Reply::Stream(200) };

    #[test]
    fn body_names_the_script_where_nothing_translates() {
        let template = r#"{"model":"MODEL","messages":[]}"#;
        let goal = Goal { provider: Dialect::Anthropic, fallback: Fallback::None };
        let plain = ASK.body(template, Variant::Plain, goal);
        assert_eq!(plain, r#"{"model":"paced-5ms+events-200","stream":true,"messages":[]}"#);
        let ours = ASK.body(template, Variant::Tollgate, goal);
        assert_eq!(ours, r#"{"model":"anthropic-stream-200","stream":true,"messages":[]}"#);
    }

    #[test]
    fn stream_is_expected_to_its_last_word_and_end() {
        let expected = Expected { contains: " word199".to_owned(), ends: "data: [DONE]" };
        assert_eq!(ASK.expected(), expected);
    }
}
