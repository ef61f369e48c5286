//! Errors: `{"type":"error","error":{"type":…,"message":…,"details":{"error_code":…}}}`.
//!
//! The stable code stands where Anthropic's SDKs look for it, `error.details.error_code`; the field at fault stands
//! beside it as `param`, which is our addition. Source: <https://platform.claude.com/docs/en/api/errors>.

use std::borrow::Cow;

use crate::chat::{ErrorClass, Failure};
use crate::wire::json::{Document, Object, Value};

/// The words for the classes, with the status each has.
const TYPES: [(ErrorClass, &str, u16); 9] = [
    (ErrorClass::InvalidRequest, "invalid_request_error", 400),
    (ErrorClass::Authentication, "authentication_error", 401),
    (ErrorClass::Permission, "permission_error", 403),
    (ErrorClass::NotFound, "not_found_error", 404),
    (ErrorClass::TooLarge, "request_too_large", 413),
    (ErrorClass::RateLimit, "rate_limit_error", 429),
    (ErrorClass::Server, "api_error", 500),
    (ErrorClass::Timeout, "timeout_error", 504),
    (ErrorClass::Overloaded, "overloaded_error", 529),
];

/// Reads a provider's error body; `status` is the reply's.
pub fn read_failure(status: u16, body: &[u8]) -> Failure<'static> {
    let read = Document::parse_reply(body)
        .ok()
        .and_then(|document| read_error(document.root().field("error")?, status).map(Failure::into_owned));
    read.unwrap_or_else(|| Failure::of_status(status))
}

/// Reads the error that a reply tells although its status was a success; 502 where its type stands for no status.
pub fn read_failed_reply(root: Value<'_>) -> Option<Failure<'static>> {
    read_untold(root.field("error")?, 502).map(Failure::into_owned)
}

/// Reads an error that came in a stream, with the status it would have had.
pub(super) fn read_stream_failure(error: Value<'_>) -> Option<Failure<'_>> {
    read_untold(error, 500)
}

/// Reads an error whose status was not told; a type that stands for none gives `unknown`.
fn read_untold(error: Value<'_>, unknown: u16) -> Option<Failure<'_>> {
    let kind = error.field("type")?.as_str()?.decode();
    let status = TYPES.iter().find(|(_, name, _)| *name == kind).map_or(unknown, |(_, _, status)| *status);
    read_error(error, status)
}

/// Reads the inner object. A type that is in no table, such as `billing_error`, is classed by the status.
fn read_error(error: Value<'_>, status: u16) -> Option<Failure<'_>> {
    let kind = error.field("type")?.as_str()?.decode();
    let class = TYPES.iter().find(|(_, name, _)| *name == kind).map(|(class, _, _)| *class);
    let code = error.field("details").and_then(|details| details.field("error_code")?.as_str());
    Some(Failure {
        status,
        class: class.unwrap_or(ErrorClass::of_status(status)),
        code: code.map_or(Cow::Borrowed(""), |code| code.decode()),
        message: error.field("message")?.as_str()?.decode(),
        param: Cow::Borrowed(""),
    })
}

/// Writes an error body for a client.
pub fn write_failure(failure: &Failure<'_>, out: &mut Vec<u8>) {
    let name =
        TYPES.iter().find(|(class, _, _)| *class == failure.class).map_or("api_error", |(_, name, _)| name);
    let mut body = Object::open(out);
    body.raw("type", "\"error\"");
    let mut error = Object::open(body.key("error"));
    error.string("type", name).string("message", &failure.message);
    if !failure.code.is_empty() || !failure.param.is_empty() {
        let mut details = Object::open(error.key("details"));
        if !failure.code.is_empty() {
            details.string("error_code", &failure.code);
        }
        if !failure.param.is_empty() {
            details.string("param", &failure.param);
        }
        details.close();
    }
    error.close();
    body.close();
}
