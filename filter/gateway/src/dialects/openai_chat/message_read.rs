//! Reading the messages of a request.

use crate::chat::{Image, Message, Part, Role, Text, call_id};
use crate::dialects::Invalid;
use crate::wire::json::{Str, Value};

use super::content::{arguments, reasoning};
use super::path::{Notes, Path};
use super::request_read::{function_of, note_unknown, required_string};

/// Reads `messages`, which must be there and hold at least one.
pub(super) fn messages<'d>(value: Option<Value<'d>>, notes: &mut Notes) -> Result<Vec<Message<'d>>, Invalid> {
    let root = Path::root("messages");
    let list = value.ok_or_else(|| root.missing())?;
    let mut messages = Vec::new();
    for (position, item) in list.items().enumerate() {
        let path = root.index(position);
        if !item.is_object() {
            return Err(path.wrong());
        }
        messages.extend(message(item, &path, notes)?);
    }
    name_calls(&mut messages);
    // Also where it is no array, which has no items.
    if messages.is_empty() { Err(root.wrong()) } else { Ok(messages) }
}

/// Gives calls without an id, which some servers answer with, one of their own. A result without an id is that of
/// the first such call that has none.
fn name_calls(messages: &mut [Message<'_>]) {
    let (mut calls, mut results) = (0, 0);
    for part in messages.iter_mut().flat_map(|message| &mut message.parts) {
        let (id, number) = match part {
            Part::ToolCall { id, .. } if id.is_empty() => (id, &mut calls),
            Part::ToolResult { id, .. } if id.is_empty() => (id, &mut results),
            _ => continue,
        };
        *id = Text::owned(call_id(0, 0, *number));
        *number = number.saturating_add(1);
    }
}

fn message<'d>(item: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Option<Message<'d>>, Invalid> {
    let role_path = path.key("role");
    let role = required_string(item, &role_path, "role")?;
    let (role, parts) = match &*role.decode() {
        "system" => (Role::System, said(item, path, notes)?),
        "developer" => (Role::Developer, said(item, path, notes)?),
        "user" => (Role::User, said(item, path, notes)?),
        "assistant" => (Role::Assistant, assistant(item, path, notes)?),
        "tool" => (Role::User, vec![tool_result(item, path, notes)?]),
        // The forerunner of `tool`, whose results name no call.
        "function" => {
            notes.add(path);
            return Ok(None);
        }
        _ => return Err(role_path.wrong()),
    };
    Ok(Some(Message { role, parts }))
}

fn said<'d>(item: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Vec<Part<'d>>, Invalid> {
    note_unknown(item, &["role", "content"], path, notes);
    required_content(item, path, notes)
}

fn required_content<'d>(
    item: Value<'d>,
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<Vec<Part<'d>>, Invalid> {
    let path = path.key("content");
    let value = item.field("content").ok_or_else(|| path.missing())?;
    let mut parts = Vec::new();
    content(value, &path, notes, &mut parts)?;
    Ok(parts)
}

fn tool_result<'d>(item: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Part<'d>, Invalid> {
    let id = required_string(item, &path.key("tool_call_id"), "tool_call_id")?.into();
    // `name` repeats what the call with this id says.
    note_unknown(item, &["role", "content", "tool_call_id", "name"], path, notes);
    Ok(Part::ToolResult { id, parts: required_content(item, path, notes)?, failed: false })
}

/// The fields of an assistant's message. Clients send back what a reply held, so its empty `annotations` pass unnoted.
const ASSISTANT: [&str; 6] = ["role", "content", "refusal", "tool_calls", "reasoning_content", "reasoning"];

fn assistant<'d>(item: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Vec<Part<'d>>, Invalid> {
    let mut parts = Vec::new();
    for (key, value) in item.entries() {
        let is_empty_list = value.is_array() && value.items().next().is_none();
        let is_known = ASSISTANT.iter().any(|name| key.is(name)) || (key.is("annotations") && is_empty_list);
        if !is_known && !value.is_null() {
            notes.add(&path.key(super::path::spelled(key)));
        }
    }
    if let Some(text) = reasoning(item) {
        parts.push(Part::Thinking { text: text.into(), signature: Text::from("") });
    }
    if let Some(value) = item.field("content") {
        content(value, &path.key("content"), notes, &mut parts)?;
    }
    if let Some(refusal) = item.field("refusal") {
        parts.push(Part::Refusal(refusal.as_str().ok_or_else(|| path.key("refusal").wrong())?.into()));
    }
    if let Some(calls) = item.field("tool_calls") {
        tool_calls(calls, &path.key("tool_calls"), notes, &mut parts)?;
    }
    Ok(parts)
}

fn tool_calls<'d>(
    calls: Value<'d>,
    path: &Path<'_>,
    notes: &mut Notes,
    parts: &mut Vec<Part<'d>>,
) -> Result<(), Invalid> {
    if !calls.is_array() {
        return Err(path.wrong());
    }
    for (position, call) in calls.items().enumerate() {
        let path = path.index(position);
        let Some(function) = function_of(call, &path)? else {
            notes.add(&path);
            continue;
        };
        // `index` comes along from clients that collected a stream.
        note_unknown(call, &["id", "type", "function", "index"], &path, notes);
        let id = required_string(call, &path.key("id"), "id")?.into();
        let path = path.key("function");
        note_unknown(function, &["name", "arguments"], &path, notes);
        let name = required_string(function, &path.key("name"), "name")?.into();
        parts.push(Part::ToolCall { id, name, arguments: arguments(function.field("arguments")) });
    }
    Ok(())
}

/// Reads a `content` at `path`: a string or an array of parts.
fn content<'d>(
    value: Value<'d>,
    path: &Path<'_>,
    notes: &mut Notes,
    parts: &mut Vec<Part<'d>>,
) -> Result<(), Invalid> {
    if let Some(text) = value.as_str() {
        parts.push(Part::Text(text.into()));
        return Ok(());
    }
    if !value.is_array() {
        return Err(path.wrong());
    }
    for (position, item) in value.items().enumerate() {
        let path = path.index(position);
        if !item.is_object() {
            return Err(path.wrong());
        }
        parts.extend(part(item, &path, notes)?);
    }
    Ok(())
}

fn part<'d>(item: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Option<Part<'d>>, Invalid> {
    let kind = required_string(item, &path.key("type"), "type")?;
    if kind.is("text") {
        note_unknown(item, &["type", "text"], path, notes);
        let text = required_string(item, &path.key("text"), "text")?;
        Ok(Some(Part::Text(text.into())))
    } else if kind.is("refusal") {
        note_unknown(item, &["type", "refusal"], path, notes);
        let text = required_string(item, &path.key("refusal"), "refusal")?;
        Ok(Some(Part::Refusal(text.into())))
    } else if kind.is("image_url") {
        note_unknown(item, &["type", "image_url"], path, notes);
        image(item, &path.key("image_url"), notes)
    } else {
        // Audio and files; also what comes after this was written.
        notes.add(path);
        Ok(None)
    }
}

fn image<'d>(item: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Option<Part<'d>>, Invalid> {
    let value = item.field("image_url").ok_or_else(|| path.missing())?;
    let url = match value.as_str() {
        // Not OpenAI's form, but accepted by the servers that imitate it.
        Some(url) => url,
        None if value.is_object() => required_string(value, &path.key("url"), "url")?,
        None => return Err(path.wrong()),
    };
    let is_automatic = |detail: Value<'_>| detail.as_str().is_some_and(|detail| detail.is("auto"));
    if value.field("detail").is_some_and(|detail| !is_automatic(detail)) {
        notes.add(&path.key("detail"));
    }
    note_unknown(value, &["url", "detail"], path, notes);
    match data_url(url) {
        DataUrl::Base64 { media_type, data } => {
            let (media_type, data) = (media_type.into(), data.into());
            Ok(Some(Part::Image(Image::Base64 { media_type, data })))
        }
        DataUrl::Other => {
            notes.add(&path.key("url"));
            Ok(None)
        }
        DataUrl::Not => Ok(Some(Part::Image(Image::Url(url.into())))),
    }
}

enum DataUrl<'d> {
    Base64 {
        media_type: Str<'d>,
        data: Str<'d>,
    },
    /// A `data:` URL (RFC 2397) whose data is not in base64.
    Other,
    Not,
}

fn data_url(url: Str<'_>) -> DataUrl<'_> {
    let Some((scheme, rest)) = url.split_once(':') else { return DataUrl::Not };
    if !scheme.raw().eq_ignore_ascii_case("data") {
        return DataUrl::Not;
    }
    let Some((head, data)) = rest.split_once(',') else { return DataUrl::Other };
    match head.split_once(';') {
        Some((media_type, coding)) if coding.raw().eq_ignore_ascii_case("base64") => {
            DataUrl::Base64 { media_type, data }
        }
        _ => DataUrl::Other,
    }
}
