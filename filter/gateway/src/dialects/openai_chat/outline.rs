//! What is read of a request that stays in this dialect, and which events of a stream that passes unchanged matter.

use crate::chat::{Delivery, Usage};
use crate::dialects::Invalid;
use crate::dialects::outline::{self, Outline, UsagePatch};
use crate::wire::json::{Document, Value};
use crate::wire::scan::pair;
use crate::wire::sse;

use super::path::Path;
use super::request_read::flag;

/// Reads the model, how the reply is wanted, and what makes the body ask for usage.
pub fn outline(root: Value<'_>) -> Result<Outline<'_>, Invalid> {
    let (model, model_span) = outline::model(root)?;
    outline::require_messages(root)?;
    let is_streamed = outline::is_streamed(root)?;
    let (asks, patch) = usage_patch(root)?;
    let (delivery, usage) = if is_streamed {
        (Delivery::Stream { usage: asks }, patch)
    } else {
        (Delivery::Whole, UsagePatch::None)
    };
    Ok(Outline { model, model_span, delivery, usage })
}

/// Whether the client asks for usage, and how the body of a streamed request is made to.
fn usage_patch(root: Value<'_>) -> Result<(bool, UsagePatch), Invalid> {
    let [member, object, inner, truth] = UsagePatch::TEXTS;
    let put = |at, text| Ok((false, UsagePatch::Put { at, text }));
    // An object's first member goes behind its brace; the root has members, so the comma has something to part.
    let inside = |object: Value<'_>| {
        let start = object.span().start.saturating_add(1);
        start..start
    };
    let Some(options) = root.get("stream_options") else { return put(inside(root), member) };
    let path = Path::root("stream_options");
    if options.is_null() {
        return put(options.span(), object);
    }
    if !options.is_object() {
        return Err(path.wrong());
    }
    if flag(options, &path.key("include_usage"), "include_usage")? {
        return Ok((true, UsagePatch::None));
    }
    match options.get("include_usage") {
        Some(value) => put(value.span(), truth),
        None if options.entries().next().is_none() => put(options.span(), object),
        None => put(inside(options), inner),
    }
}

/// Reads the `usage` member of a whole reply.
pub fn read_usage(usage: &[u8]) -> Option<Usage> {
    super::usage::read_usage(Document::parse_reply(usage).ok()?.root())
}

/// Whether an event can hold more than content of the first answer: usage, an error, or the end, of one answer or of all.
/// Looks at bytes only, and rather says yes once too often; a key spelled with escapes, which no server does, goes unnoticed.
pub fn is_notable(event: sse::Event<'_>) -> bool {
    let block = event.raw();
    let Some(mut rest) = block.strip_prefix(b"data: {").or_else(|| block.strip_prefix(b"data:{")) else {
        return true;
    };
    while let Some(at) = pair(rest, b'"', *b"uefi") {
        rest = rest.get(at..).unwrap_or_default();
        // Other events say that there is no usage and no reason yet, and nearly all that they are of the first answer.
        let is_told = rest.starts_with(b"\"error\"")
            || is_member(rest, b"\"usage\"", b"null")
            || is_member(rest, b"\"finish_reason\"", b"null")
            || is_member(rest, b"\"index\"", b"0");
        if is_told {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// Whether `rest` begins with `key` and a value that does not begin as the `usual` one does.
fn is_member(rest: &[u8], key: &[u8], usual: &[u8]) -> bool {
    let value = rest.strip_prefix(key).and_then(|behind| behind.trim_ascii_start().strip_prefix(b":"));
    value.is_some_and(|value| !value.trim_ascii_start().starts_with(usual))
}

/// Whether the event is the one that `stream_options.include_usage` adds: usage and no answer.
pub fn is_usage_only(event: sse::Event<'_>) -> bool {
    let Some(data) = event.data() else { return false };
    let Ok(document) = Document::parse_reply(&data) else { return false };
    let root = document.root();
    let has_answers = root.field("choices").is_none_or(|choices| choices.items().next().is_some());
    !has_answers && root.field("usage").is_some_and(Value::is_object) && root.field("error").is_none()
}
