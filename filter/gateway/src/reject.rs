//! Every way in which the gateway itself says no, and the one place that words it.

use std::borrow::Cow;

use crate::chat::{ErrorClass, Failure, Unsupported};
use crate::dialects::{Dialect, Invalid, InvalidFault};
use crate::effect::Answer;
use crate::wire::json::{Fault, Malformed};

/// How many bytes of a client's own text are repeated to it.
const ECHO_BYTES_MAX: usize = 128;

/// Why a request is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reject {
    /// No such path.
    UnknownPath,
    /// The path exists, for another method.
    WrongMethod {
        /// The method it exists for.
        allow: &'static str,
    },
    /// No model of that name is configured.
    UnknownModel {
        /// What was asked for.
        asked: String,
    },
    /// The body is longer than the bound.
    BodyTooLarge {
        /// The bound in bytes.
        bytes_max: usize,
    },
    /// A content encoding stands in the way of reading the body.
    Encoded,
    /// The body is not acceptable JSON.
    NotJson(Malformed),
    /// The body is JSON, but not a request of its dialect.
    Invalid(Invalid),
    /// The provider's dialect has no words for parts of the request, and the configuration refuses to drop them.
    Unsupported(Vec<Unsupported>),
    /// The provider's key is not in the environment.
    NoKey,
    /// The two positions do not agree about the request.
    Confused,
}

/// What went wrong behind the gateway.
#[derive(Clone, Debug, PartialEq)]
pub enum UpstreamFault {
    /// No provider gave an answer in time, or none could be reached.
    Unavailable {
        /// The status Envoy gave: 503 or 504.
        status: u16,
    },
    /// The provider did not accept the gateway's key.
    KeyRefused,
    /// The provider's reply cannot be read.
    Unreadable,
    /// The provider's reply is longer than the bound.
    TooLarge,
    /// The reply ended before it was complete.
    BrokenOff,
    /// The provider told an error, which only has to be put into the client's dialect.
    Told(Failure<'static>),
}

impl Reject {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Reject::UnknownPath => "not_found",
            Reject::WrongMethod { .. } => "method_not_allowed",
            Reject::UnknownModel { .. } => "model_not_found",
            Reject::BodyTooLarge { .. } => "request_too_large",
            Reject::Encoded => "unsupported_encoding",
            Reject::NotJson(_) => "invalid_json",
            Reject::Invalid(Invalid { fault: InvalidFault::Missing, .. }) => "missing_field",
            Reject::Invalid(Invalid { fault: InvalidFault::Wrong, .. }) => "invalid_field",
            Reject::Unsupported(_) => "unsupported_by_provider",
            Reject::NoKey => "missing_key",
            Reject::Confused => "internal_error",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Reject::UnknownPath | Reject::UnknownModel { .. } => 404,
            Reject::WrongMethod { .. } => 405,
            Reject::BodyTooLarge { .. } => 413,
            Reject::Encoded => 415,
            Reject::NotJson(Malformed { fault: Fault::TooLarge, .. }) => 413,
            Reject::NotJson(_) | Reject::Invalid(_) | Reject::Unsupported(_) => 400,
            Reject::NoKey | Reject::Confused => 500,
        }
    }

    /// The error to tell.
    pub fn failure(&self) -> Failure<'_> {
        let status = self.status();
        let param = match self {
            Reject::Invalid(invalid) => invalid.param.as_str(),
            Reject::UnknownModel { .. } => "model",
            Reject::Unsupported(paths) => paths.first().map(|path| path.0.as_ref()).unwrap_or_default(),
            Reject::UnknownPath
            | Reject::WrongMethod { .. }
            | Reject::BodyTooLarge { .. }
            | Reject::Encoded
            | Reject::NotJson(_)
            | Reject::NoKey
            | Reject::Confused => "",
        };
        Failure {
            status,
            class: ErrorClass::of_status(status),
            code: self.code().into(),
            message: self.message(),
            param: param.into(),
        }
    }

    fn message(&self) -> Cow<'_, str> {
        match self {
            Reject::UnknownPath => {
                "no such path; this gateway serves /v1/chat/completions, /v1/messages and /v1/models".into()
            }
            Reject::WrongMethod { allow } => format!("this path takes {allow} only").into(),
            Reject::UnknownModel { asked } => {
                format!("the model `{}` does not exist here; GET /v1/models lists those that do", echo(asked))
                    .into()
            }
            Reject::BodyTooLarge { bytes_max } => {
                format!("the request body is larger than {bytes_max} bytes").into()
            }
            Reject::Encoded => "send the request body without content-encoding".into(),
            Reject::NotJson(malformed) => format!("request body: {malformed}").into(),
            Reject::Invalid(Invalid { param, fault }) => match (fault, param.as_str()) {
                (InvalidFault::Wrong, "") => "the request body must be a JSON object".into(),
                (InvalidFault::Missing, param) => format!("missing required field `{}`", echo(param)).into(),
                (InvalidFault::Wrong, param) => {
                    format!("field `{}` is not what it must be", echo(param)).into()
                }
            },
            Reject::Unsupported(paths) => {
                let paths: Vec<_> = paths.iter().map(|path| format!("`{}`", echo(&path.0))).collect();
                format!("the provider of this model cannot express {}", paths.join(", ")).into()
            }
            Reject::NoKey => "the gateway has no key for this provider".into(),
            Reject::Confused => "the gateway's filters do not agree about this request".into(),
        }
    }

    /// The answer in `dialect`.
    pub fn answer(&self, dialect: Dialect) -> Answer {
        let mut answer = answer(&self.failure(), dialect, self.code());
        if let Reject::WrongMethod { allow } = self {
            answer.headers.push((Cow::Borrowed("allow"), Cow::Borrowed(*allow)));
        }
        answer
    }
}

impl UpstreamFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            UpstreamFault::Unavailable { .. } => "upstream_unavailable",
            UpstreamFault::KeyRefused => "provider_authentication",
            UpstreamFault::Unreadable
            | UpstreamFault::TooLarge
            | UpstreamFault::BrokenOff
            | UpstreamFault::Told(_) => "upstream_error",
        }
    }

    /// The error to tell; `tries` describes the attempts, or is empty.
    pub fn failure(&self, tries: &str) -> Failure<'static> {
        let mut failure = self.words();
        if !tries.is_empty() {
            failure.message = format!("{}; {tries}", failure.message).into();
        }
        failure
    }

    fn words(&self) -> Failure<'static> {
        let (status, class, message) = match self {
            UpstreamFault::Told(failure) => return failure.clone(),
            UpstreamFault::Unavailable { status: 504 } => {
                (504, ErrorClass::Timeout, "no provider answered in time")
            }
            UpstreamFault::Unavailable { status } => {
                (*status, ErrorClass::Overloaded, "no provider could be reached")
            }
            UpstreamFault::KeyRefused => {
                (502, ErrorClass::Server, "the provider refused the gateway's credentials")
            }
            UpstreamFault::Unreadable => (502, ErrorClass::Server, "the provider's reply cannot be read"),
            UpstreamFault::TooLarge => (502, ErrorClass::Server, "the provider's reply is too large"),
            UpstreamFault::BrokenOff => {
                (502, ErrorClass::Server, "the provider's reply ended before it was complete")
            }
        };
        Failure { status, class, code: self.code().into(), message: message.into(), param: "".into() }
    }
}

/// An answer that tells `failure` in `dialect`.
pub fn answer(failure: &Failure<'_>, dialect: Dialect, details: &'static str) -> Answer {
    let mut body = Vec::with_capacity(256);
    dialect.write_failure(failure, &mut body);
    Answer { status: failure.status, headers: Vec::new(), body, details }
}

/// A client's own text, cut to a bounded length.
fn echo(text: &str) -> &str {
    let mut end = text.len().min(ECHO_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}
