//! Whole replies.

use super::finish::{Held, read_finish, stop_reason};
use super::usage::{read_counts, write_usage};
use super::write_parts::write_block;
use crate::chat::{Choice, Finish, Part, Reply, Text};
use crate::dialects::Unreadable;
use crate::wire::json::{Array, Object, Value};

/// Reads a provider's reply. Blocks that no request of ours can have caused, such as those of server tools, are
/// passed over.
pub fn read_reply(root: Value<'_>) -> Result<Reply<'_>, Unreadable> {
    let kind = root.field("type").and_then(Value::as_str);
    if !kind.is_some_and(|kind| kind.is("message")) {
        return Err(Unreadable);
    }
    let content = root.field("content").filter(|content| content.is_array()).ok_or(Unreadable)?;
    let text = |name| root.field(name).and_then(Value::as_str).map_or(Text::from(""), Text::from);
    let mut parts = Vec::new();
    for block in content.items() {
        parts.extend(read_block(block)?);
    }
    let finish = read_finish(root).unwrap_or(match Held::of(&parts) {
        Held::Call => Finish::ToolCalls,
        Held::Words | Held::Refusal => Finish::Stop,
    });
    let usage = root.field("usage").and_then(read_counts);
    Ok(Reply { id: text("id"), model: text("model"), choices: vec![Choice { parts, finish }], usage })
}

fn read_block(block: Value<'_>) -> Result<Option<Part<'_>>, Unreadable> {
    let string = |name| block.field(name).and_then(Value::as_str).map(Text::from);
    let demanded = |name| string(name).ok_or(Unreadable);
    let kind = block.field("type").and_then(Value::as_str).ok_or(Unreadable)?;
    Ok(Some(match kind.decode().as_ref() {
        "text" => Part::Text(demanded("text")?),
        "tool_use" => {
            let input = block.field("input").filter(|input| input.is_object()).ok_or(Unreadable)?;
            Part::ToolCall { id: demanded("id")?, name: demanded("name")?, arguments: input.raw().into() }
        }
        "thinking" => {
            let signature = string("signature").unwrap_or(Text::from(""));
            Part::Thinking { text: demanded("thinking")?, signature }
        }
        "redacted_thinking" => Part::RedactedThinking(demanded("data")?),
        _ => return Ok(None),
    }))
}

/// Writes a reply for a client: the first answer, as more than one cannot be asked for.
pub fn write_reply(reply: &Reply<'_>, out: &mut Vec<u8>) {
    let mut message = Object::open(out);
    reply.id.write(message.key("id"));
    message.raw("type", "\"message\"").raw("role", "\"assistant\"");
    reply.model.write(message.key("model"));
    let choice = reply.choices.first();
    let parts = choice.map(|choice| choice.parts.as_slice()).unwrap_or_default();
    let mut content = Array::open(message.key("content"));
    for part in parts.iter().filter(|part| is_answer(part)) {
        write_block(part, content.element());
    }
    content.close();
    let finish = choice.map_or(&Finish::Stop, |choice| &choice.finish);
    write_finish(finish, Held::of(parts), &mut message);
    write_usage(reply.usage.unwrap_or_default(), message.key("usage"));
    message.close();
}

/// Writes `stop_reason` and `stop_sequence`.
fn write_finish(finish: &Finish<'_>, held: Held, message: &mut Object<'_>) {
    message.string("stop_reason", stop_reason(finish, held));
    match finish {
        Finish::StopText(Some(text)) => text.write(message.key("stop_sequence")),
        Finish::StopText(None) | Finish::Stop | Finish::Length | Finish::ToolCalls | Finish::Filtered => {
            message.raw("stop_sequence", "null");
        }
    }
}

fn is_answer(part: &Part<'_>) -> bool {
    match part {
        Part::Text(text) | Part::Refusal(text) => !text.is_empty(),
        Part::ToolCall { .. } | Part::Thinking { .. } | Part::RedactedThinking(_) => true,
        Part::Image(_) | Part::ToolResult { .. } => false,
    }
}
