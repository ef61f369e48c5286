//! Reading a provider's whole reply.

use crate::chat::{Choice, Finish, Part, Reply, Text, call_id, digest};
use crate::dialects::Unreadable;
use crate::wire::json::{Str, Value};

use super::content::{Piece, arguments, pieces, reasoning};
use super::usage::read_usage;

/// Reads a whole reply. One without an answer is unreadable, whatever its status said.
pub fn read_reply(root: Value<'_>) -> Result<Reply<'_>, Unreadable> {
    let id = text(root, "id");
    let digest = digest([id.plain().as_ref()]);
    let mut choices = Vec::new();
    for (position, item) in root.field("choices").ok_or(Unreadable)?.items().enumerate() {
        let index = item.field("index").and_then(Value::as_u64).unwrap_or(position as u64);
        let mut choice = choice(item)?;
        name_calls(digest, position as u32, &mut choice.parts);
        choices.push((index, choice));
    }
    if choices.is_empty() {
        return Err(Unreadable);
    }
    choices.sort_by_key(|(index, _)| *index);
    Ok(Reply {
        id,
        model: text(root, "model"),
        choices: choices.into_iter().map(|(_, choice)| choice).collect(),
        usage: root.field("usage").and_then(read_usage),
    })
}

/// The string member `key`; empty where there is none, since several servers leave out what they do not use.
pub(super) fn text<'d>(object: Value<'d>, key: &str) -> Text<'d> {
    object.field(key).and_then(Value::as_str).map_or(Text::from(""), Text::from)
}

fn choice(item: Value<'_>) -> Result<Choice<'_>, Unreadable> {
    let message = item.field("message").filter(|message| message.is_object()).ok_or(Unreadable)?;
    let mut parts = Vec::new();
    if let Some(text) = reasoning(message) {
        parts.push(thinking(text));
    }
    if let Some(content) = message.field("content") {
        pieces(content, &mut |piece| match piece {
            Piece::Text(text) if text.is_empty() => {}
            Piece::Text(text) => parts.push(Part::Text(text.into())),
            Piece::Refusal(text) => parts.push(Part::Refusal(text.into())),
            Piece::Thinking(text) => parts.push(thinking(text)),
        });
    }
    if let Some(refusal) = message.field("refusal").and_then(Value::as_str).filter(|text| !text.is_empty()) {
        parts.push(Part::Refusal(refusal.into()));
    }
    let mut has_called = false;
    for call in message.field("tool_calls").into_iter().flat_map(Value::items) {
        let function = call.field("function").ok_or(Unreadable)?;
        let (id, name) = (text(call, "id"), text(function, "name"));
        parts.push(Part::ToolCall { id, name, arguments: arguments(function.field("arguments")) });
        has_called = true;
    }
    let (called, silent) =
        if has_called { (Called::Yes, Finish::ToolCalls) } else { (Called::No, Finish::Stop) };
    Ok(Choice { parts, finish: finish(item, called).unwrap_or(silent) })
}

/// Gives the calls that came without an id one of their own, for the results to name.
fn name_calls(reply: u128, choice: u32, parts: &mut [Part<'_>]) {
    let mut calls = 0..;
    for part in parts {
        if let (Part::ToolCall { id, .. }, Some(call)) = (part, calls.next())
            && id.is_empty()
        {
            *id = Text::owned(call_id(reply, choice, call));
        }
    }
}

fn thinking(text: Str<'_>) -> Part<'_> {
    Part::Thinking { text: text.into(), signature: Text::from("") }
}

/// Whether an answer called a tool.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    Yes,
    No,
}

/// Why the answer `choice` ended; nothing if it has not. OpenAI says `stop` after a call of the one tool that the
/// request named, and several servers after any call: there it is [`Finish::ToolCalls`].
pub(super) fn finish(choice: Value<'_>, called: Called) -> Option<Finish<'_>> {
    let reason = choice.field("finish_reason")?.as_str()?;
    let finish = match &*reason.decode() {
        // `model_length` is Mistral's, `max_tokens` is what some pass through from other dialects.
        "length" | "model_length" | "max_tokens" => Finish::Length,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        "content_filter" => Finish::Filtered,
        _ if called == Called::Yes => Finish::ToolCalls,
        // vLLM and SGLang name the stop text beside the reason.
        _ => {
            match choice.field("stop_reason").or_else(|| choice.field("matched_stop")).and_then(Value::as_str)
            {
                Some(text) => Finish::StopText(Some(text.into())),
                None => Finish::Stop,
            }
        }
    };
    Some(finish)
}

/// The word for `finish`.
pub(super) fn finish_word(finish: &Finish<'_>) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopText(_) => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::Filtered => "content_filter",
    }
}
