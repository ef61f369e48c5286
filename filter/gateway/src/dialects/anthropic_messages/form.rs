//! The form of the answer: held to by the provider, or asked for in words.
//!
//! | asked for | becomes |
//! |---|---|
//! | a schema that must be kept (`strict`) | `output_config.format`, where the model has it; else words, noted |
//! | a schema that the model is to follow | the same, if Anthropic certainly takes the schema; else words, noted |
//! | any JSON object | words, noted |
//!
//! Anthropic takes only schemas whose objects all say `additionalProperties: false`, as OpenAI does of strict ones, and
//! none with limits on numbers, texts and lists; of others it refuses the request. Nor does it take one beside words
//! that the model is to go on from.

use super::models::{Generation, LastWord, Model};
use super::notes::Notes;
use super::prefill::is_prefilled;
use crate::chat::{Chat, Format, Setting, Text};
use crate::wire::json::{Document, Str, Value};

/// The form of the answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form<'c> {
    /// As the model likes.
    Free,
    /// This schema is kept.
    Kept(&'c str),
    /// This stands behind the instructions.
    Asked(Text<'static>),
}

impl<'c> Form<'c> {
    /// Settles which form `chat` gets from the model.
    pub(super) fn of(chat: &'c Chat<'_>, model: Model, notes: &mut Notes) -> Self {
        let format = chat.settings.iter().find_map(|setting| match setting {
            Setting::Format(format) => Some(format),
            _ => None,
        });
        let Some(format) = format else { return Form::Free };
        match format {
            Format::JsonSchema { schema, strict, .. }
                if keeps_schemas(chat, model) && (*strict || is_taken(schema)) =>
            {
                Form::Kept(schema)
            }
            Format::JsonSchema { schema, .. } if schema.trim_ascii() != "{}" => {
                notes.add("response_format");
                Form::Asked(Text::owned(format!(
                    "Answer with JSON that follows this JSON Schema and with nothing else:\n{schema}"
                )))
            }
            Format::JsonSchema { .. } | Format::JsonObject => {
                notes.add("response_format");
                Form::Asked(Text::from("Answer with one JSON object and nothing else."))
            }
        }
    }
}

fn keeps_schemas(chat: &Chat<'_>, model: Model) -> bool {
    let goes_on = model.generation.last_word() == LastWord::Anyone && is_prefilled(chat);
    model.holds_to_schemas && (model.generation == Generation::Foreign || !goes_on)
}

/// Whether Anthropic certainly takes the schema. It may take more: what is not known to be taken is not looked into.
fn is_taken(schema: &str) -> bool {
    Document::parse(schema.as_bytes()).is_ok_and(|document| is_plain(document.root()))
}

/// Whether the schema and all schemas in it use only what stands here, and their objects are closed.
fn is_plain(schema: Value<'_>) -> bool {
    let is_closed = schema.get("additionalProperties").and_then(Value::as_bool) == Some(false);
    let is_object = schema.get("type").and_then(Value::as_str).is_some_and(|kind| kind.is("object"));
    let has_kind = ["type", "enum", "const", "anyOf"].iter().any(|name| schema.get(name).is_some());
    let is_known = |(name, value): (Str<'_>, Value<'_>)| match name.decode().as_ref() {
        "type" | "title" | "description" | "enum" | "const" | "required" | "additionalProperties" => true,
        "properties" => value.entries().all(|(_, schema)| is_plain(schema)),
        "items" => is_plain(value),
        "anyOf" => value.items().all(is_plain),
        _ => false,
    };
    has_kind && (is_closed || !is_object) && schema.entries().all(is_known)
}
