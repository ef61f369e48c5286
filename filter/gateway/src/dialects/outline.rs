//! What edge must know of a request's body before anything else: which model is asked for, how the reply is wanted,
//! and where the body would be patched for a provider of the same dialect.

use std::ops::Range;

use super::{Invalid, InvalidFault};
use crate::chat::Delivery;
use crate::wire::json::{Str, Value};

/// The outline of one request.
#[derive(Clone, Debug)]
pub struct Outline<'d> {
    /// The model's name as the client wrote it.
    pub model: Str<'d>,
    /// Where it stands, quotes included.
    pub model_span: Range<usize>,
    /// How the reply is wanted.
    pub delivery: Delivery,
    /// How the body is made to ask for usage.
    pub usage: UsagePatch,
}

/// A change that makes a streamed request ask for usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsagePatch {
    /// It asks already, or its dialect always tells.
    None,
    /// `text` goes where `at` stands.
    Put {
        /// The bytes that are replaced; empty to insert.
        at: Range<usize>,
        /// One of [`UsagePatch::TEXTS`].
        text: &'static str,
    },
}

impl UsagePatch {
    /// Everything that is ever put into a body.
    pub const TEXTS: [&'static str; 4] = [
        "\"stream_options\":{\"include_usage\":true},",
        "{\"include_usage\":true}",
        "\"include_usage\":true,",
        "true",
    ];

    /// The text of [`UsagePatch::TEXTS`] that is `text`.
    pub fn known(text: &str) -> Option<&'static str> {
        Self::TEXTS.into_iter().find(|known| *known == text)
    }
}

/// The member that holds the model's name.
pub(super) fn model<'d>(root: Value<'d>) -> Result<(Str<'d>, Range<usize>), Invalid> {
    if !root.is_object() {
        return Err(wrong(""));
    }
    let value = root.field("model").ok_or_else(|| missing("model"))?;
    let name = value.as_str().filter(|name| !name.is_empty()).ok_or_else(|| wrong("model"))?;
    Ok((name, value.span()))
}

/// Whether `"stream": true` is set.
pub(super) fn is_streamed(root: Value<'_>) -> Result<bool, Invalid> {
    match root.field("stream") {
        None => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| wrong("stream")),
    }
}

/// Checks that `messages` is there and an array.
pub(super) fn require_messages(root: Value<'_>) -> Result<(), Invalid> {
    let messages = root.field("messages").ok_or_else(|| missing("messages"))?;
    if messages.is_array() { Ok(()) } else { Err(wrong("messages")) }
}

/// The field `param` is not there.
pub(super) fn missing(param: &str) -> Invalid {
    Invalid { param: param.to_owned(), fault: InvalidFault::Missing }
}

/// The field `param` is not what it must be.
pub(super) fn wrong(param: &str) -> Invalid {
    Invalid { param: param.to_owned(), fault: InvalidFault::Wrong }
}
