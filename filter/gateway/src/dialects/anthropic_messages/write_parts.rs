//! Content blocks, written for providers and for clients.

use crate::chat::{Image, Part, Role, Text};
use crate::wire::json::{Array, Object};

/// What becomes of a part in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is written.
    Written,
    /// It says nothing, and Anthropic refuses blocks that say nothing.
    Empty,
    /// It cannot be said there; the path is noted.
    Lost(&'static str),
}

/// What becomes of `part` in a message of `role`.
pub(super) fn fate(part: &Part<'_>, role: Role) -> Fate {
    let only = |wanted: bool, path| if wanted { Fate::Written } else { Fate::Lost(path) };
    let (is_user, is_assistant) = (role == Role::User, role == Role::Assistant);
    match part {
        Part::Text(text) | Part::Refusal(text) if is_blank(text) => Fate::Empty,
        Part::Text(_) | Part::Refusal(_) => Fate::Written,
        Part::Image(_) => only(is_user, "messages[].content[].image"),
        Part::ToolCall { .. } => only(is_assistant, "messages[].tool_calls"),
        Part::ToolResult { parts, .. } if is_user => {
            parts.iter().map(fate_in_result).fold(Fate::Written, worse)
        }
        Part::ToolResult { .. } => Fate::Lost("messages[].tool_call_id"),
        // Anthropic takes its own thinking back only with the signature it gave.
        Part::Thinking { signature, .. } => {
            only(is_assistant && !signature.is_empty(), "messages[].thinking")
        }
        Part::RedactedThinking(_) => only(is_assistant, "messages[].thinking"),
    }
}

fn fate_in_result(part: &Part<'_>) -> Fate {
    match part {
        Part::Text(_) | Part::Refusal(_) | Part::Image(_) => Fate::Written,
        Part::ToolCall { .. }
        | Part::ToolResult { .. }
        | Part::Thinking { .. }
        | Part::RedactedThinking(_) => Fate::Lost("messages[].content[].content[]"),
    }
}

fn worse(one: Fate, other: Fate) -> Fate {
    if one == Fate::Written { other } else { one }
}

/// Whether a text is nothing but white space.
pub(super) fn is_blank(text: &Text<'_>) -> bool {
    let raw = match text {
        Text::Json(text) => text.raw(),
        Text::Plain(text) => return text.trim().is_empty(),
    };
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        let blank = match byte {
            b' ' => true,
            b'\\' => matches!(bytes.next(), Some(b'n' | b'r' | b't' | b'f')),
            _ => false,
        };
        if !blank {
            return false;
        }
    }
    true
}

/// Writes parts as content: one text as a string, anything else as blocks.
pub(super) fn write_content<'p, 'd: 'p>(
    parts: impl Iterator<Item = &'p Part<'d>> + Clone,
    out: &mut Vec<u8>,
) {
    let mut first = parts.clone();
    if let (Some(Part::Text(text) | Part::Refusal(text)), None) = (first.next(), first.next()) {
        return text.write(out);
    }
    let mut blocks = Array::open(out);
    for part in parts {
        write_block(part, blocks.element());
    }
    blocks.close();
}

/// Writes one block.
pub(super) fn write_block(part: &Part<'_>, out: &mut Vec<u8>) {
    let mut block = Object::open(out);
    match part {
        Part::Text(text) | Part::Refusal(text) => {
            block.raw("type", "\"text\"");
            text.write(block.key("text"));
        }
        Part::Image(image) => {
            block.raw("type", "\"image\"");
            write_source(image, block.key("source"));
        }
        Part::ToolCall { id, name, arguments } => {
            block.raw("type", "\"tool_use\"");
            write_id(id, block.key("id"));
            name.write(block.key("name"));
            // One JSON object, as every reader makes sure.
            block.raw("input", arguments);
        }
        Part::ToolResult { id, parts, failed } => {
            block.raw("type", "\"tool_result\"");
            write_id(id, block.key("tool_use_id"));
            let said = || parts.iter().filter(|part| is_said_in_result(part));
            if said().next().is_some() {
                write_content(said(), block.key("content"));
            }
            if *failed {
                block.raw("is_error", "true");
            }
        }
        Part::Thinking { text, signature } => {
            block.raw("type", "\"thinking\"");
            text.write(block.key("thinking"));
            // Empty for a client where another provider's model thought: the types of Anthropic's SDKs demand the
            // field, and a made-up signature would say that Anthropic can check it. No provider is sent an empty one.
            signature.write(block.key("signature"));
        }
        Part::RedactedThinking(data) => {
            block.raw("type", "\"redacted_thinking\"");
            data.write(block.key("data"));
        }
    }
    block.close();
}

fn is_said_in_result(part: &Part<'_>) -> bool {
    match part {
        Part::Text(text) | Part::Refusal(text) => !is_blank(text),
        _ => fate_in_result(part) == Fate::Written,
    }
}

fn write_source(image: &Image<'_>, out: &mut Vec<u8>) {
    let mut source = Object::open(out);
    match image {
        Image::Url(url) => {
            source.raw("type", "\"url\"");
            url.write(source.key("url"));
        }
        Image::Base64 { media_type, data } => {
            source.raw("type", "\"base64\"");
            media_type.write(source.key("media_type"));
            data.write(source.key("data"));
        }
    }
    source.close();
}

/// Writes the id of a call. Anthropic takes letters, digits, `_` and `-`; anything else becomes `_`, in the call and
/// in its result alike.
pub(super) fn write_id(id: &Text<'_>, out: &mut Vec<u8>) {
    let plain = id.plain();
    let is_taken = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    out.push(b'"');
    if plain.is_empty() {
        out.extend_from_slice(b"call");
    }
    out.extend(plain.chars().map(|letter| if is_taken(letter) { letter as u8 } else { b'_' }));
    out.push(b'"');
}
