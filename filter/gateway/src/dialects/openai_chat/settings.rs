//! Reading what a request sets beside its messages and tools, and which fields may be ignored because they say
//! what happens anyway.

use std::mem::discriminant;

use crate::chat::{Effort, Format, Setting, Text, ToolChoice};
use crate::dialects::Invalid;
use crate::wire::json::{Str, Value};

use super::path::{Notes, Path, spelled};
use super::request_read::{flag, function_of, note_unknown, required_string};

/// Reads every member of `root` that is a setting, in the order it was written, and notes those that are nothing known.
pub(super) fn read<'d>(root: Value<'d>, notes: &mut Notes) -> Result<Vec<Setting<'d>>, Invalid> {
    let mut settings = Vec::new();
    for (key, value) in root.entries() {
        if value.is_null() {
            continue;
        }
        let name = key.decode();
        if let "model" | "messages" | "tools" | "stream" | "stream_options" = &*name {
            continue;
        }
        if is_default(&name, value) {
            continue;
        }
        match setting(&name, value, notes)? {
            Found::Setting(setting) if !is_outdone(root, &name, value) => add(&mut settings, setting),
            Found::Nothing => {}
            Found::Setting(_) | Found::Unknown => notes.add(&Path::root(spelled(key))),
        }
    }
    Ok(settings)
}

enum Found<'d> {
    Setting(Setting<'d>),
    /// A known field whose value asks for nothing.
    Nothing,
    Unknown,
}

/// Whether the field `name` is the older of two that mean the same and a newer one with another value is there. OpenAI
/// refuses `max_tokens` beside `max_completion_tokens`; the newer one is what it counts by.
fn is_outdone(root: Value<'_>, name: &str, value: Value<'_>) -> bool {
    let newer = match name {
        "max_tokens" => "max_completion_tokens",
        "user" => "safety_identifier",
        _ => return false,
    };
    root.field(newer).is_some_and(|newer| newer.raw() != value.raw())
}

/// Adds `setting` unless its kind is there: two fields that mean the same agree when [`is_outdone`] let both pass.
fn add<'d>(settings: &mut Vec<Setting<'d>>, setting: Setting<'d>) {
    if settings.iter().all(|known| discriminant(known) != discriminant(&setting)) {
        settings.push(setting);
    }
}

/// Whether the field `name` merely states what OpenAI does without it.
fn is_default(name: &str, value: Value<'_>) -> bool {
    match name {
        "store" | "logprobs" => value.as_bool() == Some(false),
        "frequency_penalty" | "presence_penalty" | "top_logprobs" => {
            value.as_number().and_then(|number| number.parse::<f64>().ok()) == Some(0.0)
        }
        "logit_bias" | "metadata" => value.is_object() && value.entries().next().is_none(),
        "service_tier" => is_one_of(value, &["auto", "default"]),
        "verbosity" => is_one_of(value, &["medium"]),
        "modalities" => value.is_array() && value.items().all(|modality| is_one_of(modality, &["text"])),
        "functions" => value.is_array() && value.items().next().is_none(),
        _ => false,
    }
}

fn is_one_of(value: Value<'_>, words: &[&str]) -> bool {
    value.as_str().is_some_and(|text| words.iter().any(|word| text.is(word)))
}

fn setting<'d>(name: &str, value: Value<'d>, notes: &mut Notes) -> Result<Found<'d>, Invalid> {
    let path = Path::root(name);
    let number = || value.as_number().ok_or_else(|| path.wrong());
    let whole = || value.as_u64().ok_or_else(|| path.wrong());
    let setting = match name {
        "max_tokens" | "max_completion_tokens" => Setting::MaxTokens(whole()?),
        "temperature" => Setting::Temperature(number()?),
        "top_p" => Setting::TopP(number()?),
        // Not OpenAI's, but vLLM, SGLang, llama.cpp and OpenRouter all take it here.
        "top_k" => Setting::TopK(number()?),
        "stop" => return stop(value, &path),
        "n" => match whole()? {
            0 => return Err(path.wrong()),
            1 => return Ok(Found::Nothing),
            answers => Setting::Answers(answers),
        },
        "seed" => Setting::Seed(number()?),
        "tool_choice" => return tool_choice(value, &path),
        "parallel_tool_calls" => Setting::ParallelToolCalls(value.as_bool().ok_or_else(|| path.wrong())?),
        "response_format" => return format(value, &path, notes),
        "reasoning_effort" => match effort(value.as_str().ok_or_else(|| path.wrong())?) {
            Some(effort) => Setting::Effort(effort),
            // OpenAI adds words here with its models; one that is not known yet is no mistake of the client.
            None => return Ok(Found::Unknown),
        },
        "user" | "safety_identifier" => Setting::User(value.as_str().ok_or_else(|| path.wrong())?.into()),
        _ => return Ok(Found::Unknown),
    };
    Ok(Found::Setting(setting))
}

fn stop<'d>(value: Value<'d>, path: &Path<'_>) -> Result<Found<'d>, Invalid> {
    if let Some(text) = value.as_str() {
        return Ok(Found::Setting(Setting::Stop(vec![text.into()])));
    }
    if !value.is_array() {
        return Err(path.wrong());
    }
    let mut texts: Vec<Text<'d>> = Vec::new();
    for (position, text) in value.items().enumerate() {
        texts.push(text.as_str().ok_or_else(|| path.index(position).wrong())?.into());
    }
    Ok(if texts.is_empty() { Found::Nothing } else { Found::Setting(Setting::Stop(texts)) })
}

fn tool_choice<'d>(value: Value<'d>, path: &Path<'_>) -> Result<Found<'d>, Invalid> {
    let choice = match value.as_str() {
        Some(word) if word.is("auto") => ToolChoice::Auto,
        Some(word) if word.is("none") => ToolChoice::None,
        Some(word) if word.is("required") => ToolChoice::Required,
        Some(_) => return Err(path.wrong()),
        None => match function_of(value, path)? {
            Some(function) => {
                let path = path.key("function");
                ToolChoice::Named(required_string(function, &path.key("name"), "name")?.into())
            }
            // `allowed_tools` and `custom`.
            None => return Ok(Found::Unknown),
        },
    };
    Ok(Found::Setting(Setting::ToolChoice(choice)))
}

fn format<'d>(value: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Found<'d>, Invalid> {
    if !value.is_object() {
        return Err(path.wrong());
    }
    let kind = required_string(value, &path.key("type"), "type")?;
    note_unknown(value, &["type", "json_schema"], path, notes);
    let format = if kind.is("text") {
        return Ok(Found::Nothing);
    } else if kind.is("json_object") {
        Format::JsonObject
    } else if kind.is("json_schema") {
        json_schema(value, &path.key("json_schema"), notes)?
    } else {
        return Ok(Found::Unknown);
    };
    Ok(Found::Setting(Setting::Format(format)))
}

fn json_schema<'d>(format: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Format<'d>, Invalid> {
    let value = format.field("json_schema").ok_or_else(|| path.missing())?;
    if !value.is_object() {
        return Err(path.wrong());
    }
    let name = required_string(value, &path.key("name"), "name")?.into();
    let schema = match value.field("schema") {
        None => "{}",
        Some(schema) if schema.is_object() => schema.raw(),
        Some(_) => return Err(path.key("schema").wrong()),
    };
    let strict = flag(value, &path.key("strict"), "strict")?;
    note_unknown(value, &["name", "schema", "strict"], path, notes);
    Ok(Format::JsonSchema { name, schema: schema.into(), strict })
}

fn effort(word: Str<'_>) -> Option<Effort> {
    let effort = match &*word.decode() {
        "none" => Effort::Off,
        "minimal" => Effort::Minimal,
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" => Effort::ExtraHigh,
        "max" => Effort::Max,
        _ => return None,
    };
    Some(effort)
}
