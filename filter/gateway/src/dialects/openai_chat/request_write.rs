//! Writing a request: its frame, tools and settings; messages in their own module.

use crate::chat::{Chat, Delivery, Effort, Format, Setting, Text, Tool, ToolChoice, Unsupported, shortened};
use crate::wire::json::{Array, Object};

use super::message_write;
use super::models::{Family, USER_CHARACTERS_MAX};
use super::path::Notes;

/// From how many thinking tokens on a budget is `medium` or `high`. The steps are those by which gateways turn OpenAI's
/// words into Anthropic's budgets (1024, 2048, 4096), read backwards; not every model knows more than `high`.
const MEDIUM_TOKENS_MIN: u64 = 2048;
const HIGH_TOKENS_MIN: u64 = 4096;

/// Writes `chat` for a provider, asking it for `model`, and returns the names of what could not be written.
pub fn write_request(chat: &Chat<'_>, model: &str, out: &mut Vec<u8>) -> Vec<Unsupported> {
    let family = Family::of(model);
    let mut notes = Notes::default();
    let mut request = Object::open(out);
    request.string("model", model);
    message_write::messages(&chat.messages, request.key("messages"), &mut notes);
    if !chat.tools.is_empty() {
        tools(&chat.tools, request.key("tools"));
    }
    let effort = chat.settings.iter().find_map(|setting| match setting {
        Setting::Effort(effort) => Some(*effort),
        _ => None,
    });
    let is_sampled = family.is_sampled(effort);
    for setting in &chat.settings {
        match setting {
            // OpenAI refuses both beside an empty list of tools, where they mean nothing.
            Setting::ToolChoice(_) | Setting::ParallelToolCalls(_) if chat.tools.is_empty() => {}
            Setting::Temperature(number) if !is_sampled => note_unless_one("temperature", number, &mut notes),
            Setting::TopP(number) if !is_sampled => note_unless_one("top_p", number, &mut notes),
            setting => write_setting(setting, family, &mut request, &mut notes),
        }
    }
    match chat.delivery {
        Delivery::Whole => {}
        Delivery::Stream { .. } => {
            request.raw("stream", "true").raw("stream_options", r#"{"include_usage":true}"#);
        }
    }
    request.close();
    notes.into_list()
}

fn write_setting(setting: &Setting<'_>, family: Family, request: &mut Object<'_>, notes: &mut Notes) {
    match setting {
        Setting::MaxTokens(tokens) => {
            request.number(family.limit_field(), *tokens);
        }
        Setting::Temperature(number) => {
            request.raw("temperature", number);
        }
        Setting::TopP(number) => {
            request.raw("top_p", number);
        }
        Setting::TopK(_) => notes.add_once("top_k"),
        Setting::Stop(texts) => stop(texts, family, request, notes),
        Setting::Answers(number) => {
            request.number("n", *number);
        }
        Setting::Seed(number) => {
            request.raw("seed", number);
        }
        Setting::ToolChoice(choice) => tool_choice(choice, request.key("tool_choice")),
        Setting::ParallelToolCalls(allowed) => {
            request.raw("parallel_tool_calls", if *allowed { "true" } else { "false" });
        }
        Setting::Format(form) => format(form, request.key("response_format")),
        Setting::Effort(amount) => match (family, amount) {
            // Nothing to turn off.
            (Family::Plain, Effort::Off) => {}
            (Family::Plain, _) | (Family::Reasoning, Effort::Off) => notes.add_once("reasoning_effort"),
            (Family::Reasoning | Family::Adjustable | Family::Other, amount) => {
                request.string("reasoning_effort", effort(*amount));
            }
        },
        // `safety_identifier` replaces it at OpenAI, which still reads this; the others know only this.
        Setting::User(id) => shortened(id, USER_CHARACTERS_MAX).write(request.key("user")),
    }
}

/// Notes a sampling setting that is left out, unless it says what holds without it.
fn note_unless_one(name: &'static str, number: &str, notes: &mut Notes) {
    if number.parse() != Ok(1.0) {
        notes.add_once(name);
    }
}

/// Writes as many texts to stop at as the model takes, the first ones.
fn stop(texts: &[Text<'_>], family: Family, request: &mut Object<'_>, notes: &mut Notes) {
    let count = texts.len().min(family.stops_max());
    if count < texts.len() {
        notes.add_once("stop");
    }
    if count == 0 {
        return;
    }
    let mut list = Array::open(request.key("stop"));
    for text in texts.iter().take(count) {
        text.write(list.element());
    }
    list.close();
}

fn tools(tools: &[Tool<'_>], out: &mut Vec<u8>) {
    let mut list = Array::open(out);
    for tool in tools {
        let mut entry = Object::open(list.element());
        entry.string("type", "function");
        let mut function = Object::open(entry.key("function"));
        tool.name.write(function.key("name"));
        if !tool.description.is_empty() {
            tool.description.write(function.key("description"));
        }
        function.raw("parameters", &tool.schema);
        if tool.strict {
            function.raw("strict", "true");
        }
        function.close();
        entry.close();
    }
    list.close();
}

fn tool_choice(choice: &ToolChoice<'_>, out: &mut Vec<u8>) {
    match choice {
        ToolChoice::Auto => out.extend_from_slice(b"\"auto\""),
        ToolChoice::None => out.extend_from_slice(b"\"none\""),
        ToolChoice::Required => out.extend_from_slice(b"\"required\""),
        ToolChoice::Named(name) => {
            out.extend_from_slice(br#"{"type":"function","function":{"name":"#);
            name.write(out);
            out.extend_from_slice(b"}}");
        }
    }
}

fn format(format: &Format<'_>, out: &mut Vec<u8>) {
    match format {
        Format::JsonObject => out.extend_from_slice(br#"{"type":"json_object"}"#),
        Format::JsonSchema { name, schema, strict } => {
            out.extend_from_slice(br#"{"type":"json_schema","json_schema":"#);
            let mut inner = Object::open(out);
            name.write(inner.key("name"));
            inner.raw("schema", schema).raw("strict", if *strict { "true" } else { "false" });
            inner.close();
            out.push(b'}');
        }
    }
}

fn effort(effort: Effort) -> &'static str {
    match effort {
        Effort::Off => "none",
        Effort::Minimal => "minimal",
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::ExtraHigh => "xhigh",
        Effort::Max => "max",
        Effort::Budget(HIGH_TOKENS_MIN..) => "high",
        Effort::Budget(MEDIUM_TOKENS_MIN..) => "medium",
        Effort::Budget(_) => "low",
    }
}
