//! Writing messages. A message of the user that holds results of tools becomes several: each result is a message of
//! its own here, in the place where it stood.

use crate::chat::{Image, Message, Part, Role, Text};
use crate::wire::json::{Array, Object, write_string};

use super::path::Notes;

/// Whether images may stand where something is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Images {
    Written,
    LeftOut,
}

/// Writes the array of messages.
pub(super) fn messages(messages: &[Message<'_>], out: &mut Vec<u8>, notes: &mut Notes) {
    let mut list = Array::open(out);
    for message in messages {
        match message.role {
            Role::System => said("system", Images::LeftOut, &message.parts, list.element(), notes),
            Role::Developer => said("developer", Images::LeftOut, &message.parts, list.element(), notes),
            Role::User => user(&message.parts, &mut list, notes),
            Role::Assistant => assistant(&message.parts, list.element(), notes),
        }
    }
    list.close();
}

fn user(parts: &[Part<'_>], list: &mut Array<'_>, notes: &mut Notes) {
    if parts.is_empty() {
        return said("user", Images::Written, parts, list.element(), notes);
    }
    let is_result = |part: &Part<'_>| matches!(part, Part::ToolResult { .. });
    for run in parts.chunk_by(|one, next| !is_result(one) && !is_result(next)) {
        match run {
            [Part::ToolResult { id, parts, failed }] => {
                if *failed {
                    notes.add_once("tool_result.is_error");
                }
                tool_result(id, parts, list.element(), notes);
            }
            run => said("user", Images::Written, run, list.element(), notes),
        }
    }
}

fn said(role: &'static str, images: Images, parts: &[Part<'_>], out: &mut Vec<u8>, notes: &mut Notes) {
    let mut message = Object::open(out);
    message.string("role", role);
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Image(_) if images == Images::Written => {}
            Part::Image(_) => notes.add_once("system.image"),
            Part::ToolCall { .. } | Part::ToolResult { .. } => notes.add_once("tool_call"),
            Part::Thinking { .. } | Part::RedactedThinking(_) => notes.add_once("thinking"),
            Part::Refusal(_) => notes.add_once("refusal"),
        }
    }
    content(parts, images, message.key("content"));
    message.close();
}

fn tool_result(id: &Text<'_>, parts: &[Part<'_>], out: &mut Vec<u8>, notes: &mut Notes) {
    let mut message = Object::open(out);
    message.string("role", "tool");
    id.write(message.key("tool_call_id"));
    if parts.iter().any(|part| !matches!(part, Part::Text(_))) {
        // OpenAI takes only texts here.
        notes.add_once("tool_result.image");
    }
    content(parts, Images::LeftOut, message.key("content"));
    message.close();
}

fn assistant(parts: &[Part<'_>], out: &mut Vec<u8>, notes: &mut Notes) {
    let (mut says, mut refuses, mut calls) = (false, false, false);
    for part in parts {
        match part {
            Part::Text(_) => says = true,
            Part::Refusal(_) => refuses = true,
            Part::ToolCall { .. } => calls = true,
            Part::Image(_) => notes.add_once("assistant.image"),
            Part::ToolResult { .. } => notes.add_once("tool_result"),
            // OpenAI, Groq and Mistral refuse fields for it in what is sent; only replies have one.
            Part::Thinking { .. } => notes.add_once("thinking"),
            Part::RedactedThinking(_) => notes.add_once("redacted_thinking"),
        }
    }
    let mut message = Object::open(out);
    message.string("role", "assistant");
    if says || !(refuses || calls) {
        content(parts, Images::LeftOut, message.key("content"));
    } else {
        message.raw("content", "null");
    }
    if refuses {
        refusal(parts, message.key("refusal"));
    }
    if calls {
        tool_calls(parts, message.key("tool_calls"));
    }
    message.close();
}

/// Writes the refusals of `parts` as one string.
pub(super) fn refusal(parts: &[Part<'_>], out: &mut Vec<u8>) {
    out.push(b'"');
    for part in parts {
        if let Part::Refusal(text) = part {
            text.write_inside(out);
        }
    }
    out.push(b'"');
}

/// Writes the calls of `parts` as an array.
pub(super) fn tool_calls(parts: &[Part<'_>], out: &mut Vec<u8>) {
    let mut list = Array::open(out);
    for part in parts {
        if let Part::ToolCall { id, name, arguments } = part {
            let mut call = Object::open(list.element());
            id.write(call.key("id"));
            call.string("type", "function");
            let mut function = Object::open(call.key("function"));
            name.write(function.key("name"));
            write_string(function.key("arguments"), arguments);
            function.close();
            call.close();
        }
    }
    list.close();
}

/// Writes the texts of `parts`, and the images where they may stand: one text alone as a string, which every server
/// understands, everything else as an array of parts.
fn content(parts: &[Part<'_>], images: Images, out: &mut Vec<u8>) {
    let is_written = |part: &&Part<'_>| match part {
        Part::Text(_) => true,
        Part::Image(_) => images == Images::Written,
        Part::ToolCall { .. }
        | Part::ToolResult { .. }
        | Part::Thinking { .. }
        | Part::RedactedThinking(_)
        | Part::Refusal(_) => false,
    };
    let mut written = parts.iter().filter(is_written);
    match (written.next(), written.next()) {
        (None, _) => return out.extend_from_slice(b"\"\""),
        (Some(Part::Text(text)), None) => return text.write(out),
        _ => {}
    }
    let mut list = Array::open(out);
    for part in parts.iter().filter(is_written) {
        let mut entry = Object::open(list.element());
        if let Part::Text(text) = part {
            entry.string("type", "text");
            text.write(entry.key("text"));
        } else if let Part::Image(picture) = part {
            entry.string("type", "image_url");
            image(picture, entry.key("image_url"));
        }
        entry.close();
    }
    list.close();
}

fn image(image: &Image<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"url\":");
    match image {
        Image::Url(url) => url.write(out),
        Image::Base64 { media_type, data } => {
            out.extend_from_slice(b"\"data:");
            media_type.write_inside(out);
            out.extend_from_slice(b";base64,");
            data.write_inside(out);
            out.push(b'"');
        }
    }
    out.push(b'}');
}
