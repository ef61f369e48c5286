//! What messages and replies have in common: texts as a string or in parts, and the arguments of a tool call.

use std::borrow::Cow;

use crate::wire::json::{Document, Object, Str, Value};

/// A piece of what a model said.
pub(super) enum Piece<'d> {
    Text(Str<'d>),
    Refusal(Str<'d>),
    Thinking(Str<'d>),
}

/// Hands on the pieces of a reply's `content`: a string, or the parts that Mistral's reasoning models answer with.
/// What is neither says nothing.
pub(super) fn pieces<'d>(content: Value<'d>, on_piece: &mut dyn FnMut(Piece<'d>)) {
    if let Some(text) = content.as_str() {
        on_piece(Piece::Text(text));
        return;
    }
    for part in content.items() {
        if let Some(text) = part.field("text").and_then(Value::as_str) {
            on_piece(Piece::Text(text));
        } else if let Some(text) = part.field("refusal").and_then(Value::as_str) {
            on_piece(Piece::Refusal(text));
        } else if let Some(thinking) = part.field("thinking") {
            for text in thinking.items().filter_map(|inner| inner.field("text")?.as_str()) {
                on_piece(Piece::Thinking(text));
            }
        }
    }
}

/// The reasoning that a message or a delta carries: `reasoning_content` (DeepSeek, vLLM, SGLang, llama.cpp), else
/// `reasoning` (OpenRouter, Ollama, Groq, newer vLLM). Servers that send both send the same twice.
pub(super) fn reasoning(message: Value<'_>) -> Option<Str<'_>> {
    let text = |key| message.field(key).and_then(Value::as_str).filter(|text: &Str<'_>| !text.is_empty());
    text("reasoning_content").or_else(|| text("reasoning"))
}

/// The arguments of a tool call as one JSON object. Models write them and get them wrong at times: nothing at all
/// means no arguments, and what is not an object is wrapped as Anthropic's guide to streaming tool input
/// advises (`{"INVALID_JSON": "…"}`), so that no reader of the translation takes a part of it for JSON of ours.
pub(super) fn arguments(value: Option<Value<'_>>) -> Cow<'_, str> {
    let Some(value) = value else { return Cow::Borrowed("{}") };
    let Some(text) = value.as_str() else {
        // Ollama's own format, which some clients carry over, has the object itself here.
        return if value.is_object() { Cow::Borrowed(value.raw()) } else { wrapped(value.raw()) };
    };
    let plain = text.decode();
    if plain.trim_ascii().is_empty() {
        return Cow::Borrowed("{}");
    }
    let is_object = Document::parse(plain.as_bytes()).is_ok_and(|document| document.root().is_object());
    if is_object { plain } else { wrapped(&plain) }
}

fn wrapped(text: &str) -> Cow<'static, str> {
    let mut json = Vec::with_capacity(text.len().saturating_add(24));
    let mut object = Object::open(&mut json);
    object.string("INVALID_JSON", text);
    object.close();
    // Only whole characters were written.
    Cow::Owned(String::from_utf8(json).unwrap_or_default())
}
