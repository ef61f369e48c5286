//! What a provider answers: whole, in pieces, or with an error.

use std::borrow::Cow;

use super::{Part, Text};

/// A whole reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply<'d> {
    /// The provider's id of the reply.
    pub id: Text<'d>,
    /// The model that answered, in the provider's words.
    pub model: Text<'d>,
    /// The answers; one, unless more were asked for.
    pub choices: Vec<Choice<'d>>,
    /// What was used, where the provider said so.
    pub usage: Option<Usage>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<'d> {
    /// Texts, tool calls, reasoning, refusals, in order.
    pub parts: Vec<Part<'d>>,
    /// Why it ended.
    pub finish: Finish<'d>,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Finish<'d> {
    /// The model was done.
    Stop,
    /// It came to a stop text, which the provider may name.
    StopText(Option<Text<'d>>),
    /// The most tokens were reached, or the context was full.
    Length,
    /// It called a tool.
    ToolCalls,
    /// It was withheld, or the model refused.
    Filtered,
}

/// Tokens as the provider counted them. Prompt tokens include cached ones, completion tokens include reasoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// All tokens of the prompt: read afresh, read from the provider's cache and written to it.
    pub prompt: u64,
    /// All tokens of the completion, reasoning included.
    pub completion: u64,
    /// Prompt tokens read from the provider's cache.
    pub cached: u64,
    /// Prompt tokens written to the provider's cache.
    pub cache_written: u64,
    /// Completion tokens spent on reasoning.
    pub reasoning: u64,
}

/// A step of a streamed reply. `choice` counts answers from 0; `call` counts the tool calls of one answer from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta<'d> {
    /// The reply begins. Comes first, once.
    Start {
        /// The provider's id of the reply.
        id: Text<'d>,
        /// The model that answers.
        model: Text<'d>,
    },
    /// More text.
    Text {
        /// Which answer.
        choice: u32,
        /// The piece.
        text: Text<'d>,
    },
    /// More of a refusal.
    Refusal {
        /// Which answer.
        choice: u32,
        /// The piece.
        text: Text<'d>,
    },
    /// More reasoning.
    Thinking {
        /// Which answer.
        choice: u32,
        /// The piece.
        text: Text<'d>,
    },
    /// The signature of the reasoning that just ended.
    Signature {
        /// Which answer.
        choice: u32,
        /// The signature.
        text: Text<'d>,
    },
    /// A block of encrypted reasoning.
    RedactedThinking {
        /// Which answer.
        choice: u32,
        /// The block.
        data: Text<'d>,
    },
    /// A tool call begins.
    CallStart {
        /// Which answer.
        choice: u32,
        /// Which call of that answer.
        call: u32,
        /// The call's id.
        id: Text<'d>,
        /// The tool's name.
        name: Text<'d>,
    },
    /// More of a call's arguments: a piece of JSON text.
    CallArguments {
        /// Which answer.
        choice: u32,
        /// Which call of that answer.
        call: u32,
        /// The piece.
        json: Text<'d>,
    },
    /// An answer ended.
    Finish {
        /// Which answer.
        choice: u32,
        /// Why.
        finish: Finish<'d>,
    },
    /// What was used up to now; a later one replaces an earlier one.
    Usage(Usage),
    /// The reply is complete. Comes last, once; a stream without it broke off.
    End,
    /// The provider reports an error in the stream; nothing follows.
    Failed(Failure<'d>),
}

/// An error to tell a client, or one that a provider told.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure<'d> {
    /// The HTTP status; inside a stream the one it would have had.
    pub status: u16,
    /// What kind of error.
    pub class: ErrorClass,
    /// A stable word for programs, such as `model_not_found`; empty where there is none.
    pub code: Cow<'d, str>,
    /// Words for people.
    pub message: Cow<'d, str>,
    /// The field of the request that is at fault; empty where there is none.
    pub param: Cow<'d, str>,
}

impl Failure<'_> {
    /// The error with words of its own.
    pub fn into_owned(self) -> Failure<'static> {
        Failure {
            status: self.status,
            class: self.class,
            code: Cow::Owned(self.code.into_owned()),
            message: Cow::Owned(self.message.into_owned()),
            param: Cow::Owned(self.param.into_owned()),
        }
    }

    /// A provider's error of which no more than its status is known.
    pub fn of_status(status: u16) -> Failure<'static> {
        Failure {
            status,
            class: ErrorClass::of_status(status),
            code: Cow::Borrowed(""),
            message: Cow::Owned(format!("the provider answered with status {status}")),
            param: Cow::Borrowed(""),
        }
    }
}

/// The kinds of errors that SDKs tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The request is wrong.
    InvalidRequest,
    /// No or a wrong key.
    Authentication,
    /// The key may not do this.
    Permission,
    /// No such thing.
    NotFound,
    /// The request is too large.
    TooLarge,
    /// Too many requests or tokens.
    RateLimit,
    /// The provider is overloaded or cannot be reached.
    Overloaded,
    /// It took too long.
    Timeout,
    /// Anything else that went wrong behind the gateway.
    Server,
}

impl ErrorClass {
    /// The class that an HTTP status stands for.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => ErrorClass::Authentication,
            403 => ErrorClass::Permission,
            404 => ErrorClass::NotFound,
            408 | 504 => ErrorClass::Timeout,
            413 => ErrorClass::TooLarge,
            429 => ErrorClass::RateLimit,
            400..=499 => ErrorClass::InvalidRequest,
            503 | 529 => ErrorClass::Overloaded,
            _ => ErrorClass::Server,
        }
    }
}
