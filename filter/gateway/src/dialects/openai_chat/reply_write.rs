//! Writing a whole reply for a client.

use crate::chat::{Choice, Part, Reply};
use crate::wire::json::{Array, Object};

use super::message_write::{refusal, tool_calls};
use super::reply_read::finish_word;
use super::usage::write_usage;

/// Writes a whole reply. `created` is the time in seconds since 1970.
pub fn write_reply(reply: &Reply<'_>, created: u64, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    reply.id.write(object.key("id"));
    object.string("object", "chat.completion").number("created", created);
    reply.model.write(object.key("model"));
    let mut list = Array::open(object.key("choices"));
    for (index, choice) in reply.choices.iter().enumerate() {
        write_choice(index as u64, choice, list.element());
    }
    list.close();
    if let Some(usage) = &reply.usage {
        write_usage(usage, object.key("usage"));
    }
    object.close();
}

fn write_choice(index: u64, choice: &Choice<'_>, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.number("index", index);
    write_message(&choice.parts, object.key("message"));
    object.raw("logprobs", "null").string("finish_reason", finish_word(&choice.finish));
    object.close();
}

fn write_message(parts: &[Part<'_>], out: &mut Vec<u8>) {
    let (mut says, mut thinks, mut refuses, mut calls) = (false, false, false, false);
    for part in parts {
        match part {
            Part::Text(_) => says = true,
            Part::Thinking { text, .. } => thinks |= !text.is_empty(),
            Part::Refusal(_) => refuses = true,
            Part::ToolCall { .. } => calls = true,
            // A model's reply of this dialect has no place for these.
            Part::Image(_) | Part::ToolResult { .. } | Part::RedactedThinking(_) => {}
        }
    }
    let mut message = Object::open(out);
    message.string("role", "assistant");
    if says || !(refuses || calls) {
        joined(parts, message.key("content"), Kind::Text);
    } else {
        message.raw("content", "null");
    }
    if thinks {
        joined(parts, message.key("reasoning_content"), Kind::Thinking);
    }
    if refuses {
        refusal(parts, message.key("refusal"));
    } else {
        message.raw("refusal", "null");
    }
    if calls {
        tool_calls(parts, message.key("tool_calls"));
    }
    message.close();
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Thinking,
}

/// Writes the texts of one kind as one string: a reply's `content` is never an array.
fn joined(parts: &[Part<'_>], out: &mut Vec<u8>, kind: Kind) {
    out.push(b'"');
    for part in parts {
        match (kind, part) {
            (Kind::Text, Part::Text(text)) | (Kind::Thinking, Part::Thinking { text, .. }) => {
                text.write_inside(out)
            }
            _ => {}
        }
    }
    out.push(b'"');
}
