//! Content blocks of a client's request. A block without an equal is noted and left out; one that is broken, or stands
//! where it cannot, makes the request invalid.

use super::notes::Notes;
use super::read_request::{text, text_of, within};
use crate::chat::{Image, Part, Text};
use crate::dialects::Invalid;
use crate::dialects::outline::wrong;
use crate::wire::json::Value;

/// Where a block stands, which decides what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the instructions.
    System,
    /// In what the user says.
    User,
    /// In what the model said.
    Assistant,
    /// In what a tool answered.
    ToolResult,
}

impl Place {
    /// The path of a block's fields, up to the name of the field.
    fn path(self) -> &'static str {
        match self {
            Place::System => "system[].",
            Place::User | Place::Assistant => "messages[].content[].",
            Place::ToolResult => "messages[].content[].content[].",
        }
    }
}

/// Reads a string or a list of blocks. Paths of faults begin behind the name of the content.
pub(super) fn read_content<'d>(
    content: Value<'d>,
    place: Place,
    notes: &mut Notes,
) -> Result<Vec<Part<'d>>, Invalid> {
    if let Some(text) = content.as_str() {
        return Ok(vec![Part::Text(text.into())]);
    }
    if !content.is_array() {
        return Err(wrong(""));
    }
    let mut parts = Vec::new();
    for (index, block) in content.items().enumerate() {
        parts.extend(read_part(block, place, notes).map_err(|inner| within(inner, format!("[{index}]")))?);
    }
    Ok(parts)
}

fn read_part<'d>(block: Value<'d>, place: Place, notes: &mut Notes) -> Result<Option<Part<'d>>, Invalid> {
    let kind = text_of(block, "type")?;
    let kind = kind.plain();
    let (part, known): (Option<Part<'d>>, &[&str]) = match (kind.as_ref(), place) {
        ("text", _) => (Some(Part::Text(text_of(block, "text")?)), &["text"]),
        ("image", Place::User | Place::ToolResult) => (read_image(block, place, notes)?, &["source"]),
        ("tool_use", Place::Assistant) => (Some(read_call(block)?), &["id", "name", "input", "caller"]),
        ("tool_result", Place::User) => {
            (Some(read_result(block, notes)?), &["tool_use_id", "content", "is_error"])
        }
        ("thinking", Place::Assistant) => {
            let thinking = text_of(block, "thinking")?;
            // Thinking of other providers' models has none. Clients send it back empty, as `null` or not at all.
            let signature = match block.field("signature") {
                Some(signature) => text(signature, ".signature")?,
                None => Text::from(""),
            };
            (Some(Part::Thinking { text: thinking, signature }), &["thinking", "signature"])
        }
        ("redacted_thinking", Place::Assistant) => {
            (Some(Part::RedactedThinking(text_of(block, "data")?)), &["data"])
        }
        ("image" | "tool_use" | "tool_result" | "thinking" | "redacted_thinking", _) => {
            return Err(wrong(".type"));
        }
        ("document", _) => {
            notes.field(place.path(), "document");
            return Ok(None);
        }
        (_, _) => {
            notes.field(place.path(), "type");
            return Ok(None);
        }
    };
    note_others(block, known, place, notes);
    Ok(part)
}

/// Notes the members of `block` that nobody read.
fn note_others(block: Value<'_>, known: &[&str], place: Place, notes: &mut Notes) {
    for (name, value) in block.entries().filter(|(_, value)| !value.is_null()) {
        match name.decode().as_ref() {
            "type" => {}
            "cache_control" => notes.add("cache_control"),
            // What a model called by itself; SDKs send it back with the call.
            "caller" if value.field("type").and_then(Value::as_str).is_some_and(|kind| kind.is("direct")) => {
            }
            "caller" => notes.field(place.path(), "caller"),
            name if known.contains(&name) => {}
            name => notes.field(place.path(), name),
        }
    }
}

fn read_image<'d>(block: Value<'d>, place: Place, notes: &mut Notes) -> Result<Option<Part<'d>>, Invalid> {
    let source = block.field("source").ok_or_else(|| wrong(".source"))?;
    let within_source = |inner| within(inner, ".source".into());
    let kind = text_of(source, "type").map_err(within_source)?;
    let image = match kind.plain().as_ref() {
        "base64" => Image::Base64 {
            media_type: text_of(source, "media_type").map_err(within_source)?,
            data: text_of(source, "data").map_err(within_source)?,
        },
        "url" => {
            let url = text_of(source, "url").map_err(within_source)?;
            // An image in the request has a form of its own, and Anthropic refuses this one.
            if url.plain().starts_with("data:") {
                return Err(wrong(".source.url"));
            }
            Image::Url(url)
        }
        _ => {
            notes.field(place.path(), "source");
            return Ok(None);
        }
    };
    Ok(Some(Part::Image(image)))
}

fn read_call(block: Value<'_>) -> Result<Part<'_>, Invalid> {
    let input = block.field("input").filter(|input| input.is_object()).ok_or_else(|| wrong(".input"))?;
    Ok(Part::ToolCall {
        id: text_of(block, "id")?,
        name: text_of(block, "name")?,
        arguments: input.raw().into(),
    })
}

fn read_result<'d>(block: Value<'d>, notes: &mut Notes) -> Result<Part<'d>, Invalid> {
    let parts = match block.field("content") {
        Some(content) => read_content(content, Place::ToolResult, notes)
            .map_err(|inner| within(inner, ".content".into()))?,
        None => Vec::new(),
    };
    let failed = match block.field("is_error") {
        Some(failed) => failed.as_bool().ok_or_else(|| wrong(".is_error"))?,
        None => false,
    };
    let id = text(block.field("tool_use_id").ok_or_else(|| wrong(".tool_use_id"))?, ".tool_use_id")?;
    Ok(Part::ToolResult { id, parts, failed })
}
