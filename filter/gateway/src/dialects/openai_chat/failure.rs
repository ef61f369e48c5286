//! Errors: OpenAI's `{"error": {…}}`, and the other shapes that servers of this dialect answer with.
//!
//! | shape | server |
//! |---|---|
//! | `{"error": {"message", "type", "param", "code"}}` | OpenAI; `code` is a number at vLLM, llama.cpp, Gemini |
//! | `[{"error": {…}}]` | Gemini's imitation |
//! | `{"error": "text"}` | Ollama's older versions, TGI, xAI |
//! | `{"object": "error", "message", "type", "code"}` | older vLLM, SGLang, Mistral |
//! | `{"detail": "text"}`, `{"detail": [{"msg", "loc"}]}` | whatever is built on FastAPI |
//! | `{"message": "text"}` | proxies, Cohere |

use std::borrow::Cow;

use crate::chat::{ErrorClass, Failure};
use crate::wire::json::{Document, Object, Str, Value};

/// How many bytes of a provider's words are repeated; some answer with a whole page.
pub(super) const MESSAGE_BYTES_MAX: usize = 2048;
/// How many bytes of a code or a field's path are repeated.
pub(super) const WORD_BYTES_MAX: usize = 128;

/// Reads a provider's error body; what is not one gives a failure with a general message.
pub fn read_failure(status: u16, body: &[u8]) -> Failure<'static> {
    let class = ErrorClass::of_status(status);
    let Ok(document) = Document::parse_reply(body) else { return Failure::of_status(status) };
    let root = document.root();
    let root = root.items().next().unwrap_or(root);
    let Some(error) = root.field("error").or(Some(root)).filter(|error| !message(*error).is_empty()) else {
        return Failure::of_status(status);
    };
    let message = told(class, message(error));
    Failure { status, class, code: code(error), message, param: word(error, "param") }
}

/// What a client is told of a provider's `words`. Those about the key are not repeated: OpenAI quotes a part of it in
/// them, and the key is the gateway's.
fn told(class: ErrorClass, words: String) -> Cow<'static, str> {
    match class {
        ErrorClass::Authentication => Cow::Borrowed("the provider refused the gateway's credentials"),
        ErrorClass::InvalidRequest
        | ErrorClass::Permission
        | ErrorClass::NotFound
        | ErrorClass::TooLarge
        | ErrorClass::RateLimit
        | ErrorClass::Overloaded
        | ErrorClass::Timeout
        | ErrorClass::Server => Cow::Owned(words),
    }
}

/// The error that a whole reply tells although its status was a success, as aggregators of providers do; 502 where its
/// words stand for no status.
pub fn read_failed_reply(root: Value<'_>) -> Option<Failure<'static>> {
    untold(root.items().next().unwrap_or(root), 502)
}

/// The error that an event of a stream reports, if it does. Its status is the one it would have had as a whole reply.
pub(super) fn stream_failure(root: Value<'_>) -> Option<Failure<'static>> {
    untold(root, 500)
}

/// The error of `root`, whose status was not told; words that stand for none give `unknown`.
fn untold(root: Value<'_>, unknown: u16) -> Option<Failure<'static>> {
    let is_error =
        |object: &Value<'_>| object.field("object").and_then(Value::as_str).is_some_and(|o| o.is("error"));
    let error = root.field("error").or_else(|| Some(root).filter(is_error))?;
    let code = code(error);
    let status = match code.parse() {
        Ok(status @ 400..=599) => status,
        _ => status_of(&word(error, "type"), &code).unwrap_or(unknown),
    };
    let (class, text) = (ErrorClass::of_status(status), message(error));
    let message =
        if text.is_empty() { Cow::Borrowed("the provider reported an error") } else { told(class, text) };
    Some(Failure { status, class, code, message, param: word(error, "param") })
}

/// The status that goes with OpenAI's words for errors.
fn status_of(kind: &str, code: &str) -> Option<u16> {
    let status = match (kind, code) {
        (_, "rate_limit_exceeded" | "insufficient_quota") => 429,
        (_, "model_not_found") => 404,
        (_, "invalid_api_key") => 401,
        ("invalid_request_error" | "BadRequestError", _) => 400,
        ("authentication_error", _) => 401,
        ("permission_error", _) => 403,
        ("not_found_error" | "NotFoundError", _) => 404,
        ("rate_limit_error" | "insufficient_quota" | "tokens" | "requests", _) => 429,
        ("overloaded_error" | "service_unavailable_error" | "engine_overloaded_error", _) => 503,
        ("timeout_error" | "timeout", _) => 504,
        _ => return None,
    };
    Some(status)
}

/// The words of `error` for people; empty where there are none.
fn message(error: Value<'_>) -> String {
    let text = error
        .as_str()
        .or_else(|| error.field("message")?.as_str())
        .or_else(|| error.field("detail")?.as_str())
        .or_else(|| error.field("detail")?.items().next()?.field("msg")?.as_str());
    text.map_or(String::new(), |text| cut(text, MESSAGE_BYTES_MAX))
}

fn code(error: Value<'_>) -> Cow<'static, str> {
    match error.field("code").and_then(Value::as_number) {
        Some(number) if number.len() <= WORD_BYTES_MAX => Cow::Owned(number.to_owned()),
        _ => word(error, "code"),
    }
}

/// The string member `key`; empty where there is none.
fn word(error: Value<'_>, key: &str) -> Cow<'static, str> {
    match error.field(key).and_then(Value::as_str) {
        Some(text) => Cow::Owned(cut(text, WORD_BYTES_MAX)),
        None => Cow::Borrowed(""),
    }
}

fn cut(text: Str<'_>, bytes_max: usize) -> String {
    let mut text = text.decode().into_owned();
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.truncate(end);
    text
}

/// Writes an error body for a client.
pub fn write_failure(failure: &Failure<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"error\":");
    let mut error = Object::open(out);
    error.string("message", &failure.message).string("type", kind(failure.class));
    for (key, word) in [("param", &failure.param), ("code", &failure.code)] {
        if word.is_empty() {
            error.raw(key, "null");
        } else {
            error.string(key, word);
        }
    }
    error.close();
    out.push(b'}');
}

fn kind(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::InvalidRequest | ErrorClass::NotFound | ErrorClass::TooLarge => "invalid_request_error",
        ErrorClass::Authentication => "authentication_error",
        ErrorClass::Permission => "permission_error",
        ErrorClass::RateLimit => "rate_limit_error",
        ErrorClass::Timeout => "timeout_error",
        ErrorClass::Overloaded => "service_unavailable_error",
        ErrorClass::Server => "server_error",
    }
}
