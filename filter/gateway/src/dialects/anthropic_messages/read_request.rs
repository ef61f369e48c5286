//! A client's request, read into the canonical conversation. The instructions come first, as one system message.

use super::notes::Notes;
use super::read_parts::{Place, read_content};
use super::read_settings::Settings;
use crate::chat::{Chat, Delivery, Message, Role, Text, Tool};
use crate::dialects::Invalid;
use crate::dialects::outline::{is_streamed, missing, wrong};
use crate::wire::json::Value;

/// Moves a fault found inside a value to where that value stands.
pub(super) fn within(inner: Invalid, place: String) -> Invalid {
    Invalid { param: place + &inner.param, ..inner }
}

/// The string `value`, whose path is `param`.
pub(super) fn text<'d>(value: Value<'d>, param: &str) -> Result<Text<'d>, Invalid> {
    value.as_str().map(Text::from).ok_or_else(|| wrong(param))
}

/// The string member `name` of `value`; a fault's path is the bare name with a dot before it.
pub(super) fn text_of<'d>(value: Value<'d>, name: &str) -> Result<Text<'d>, Invalid> {
    let param = || format!(".{name}");
    value.field(name).ok_or_else(|| missing(&param())).and_then(|value| text(value, &param()))
}

/// Reads a client's request. `model`, `messages` and `max_tokens` are demanded, as Anthropic demands them.
pub fn read_request(root: Value<'_>) -> Result<Chat<'_>, Invalid> {
    if !root.is_object() {
        return Err(wrong(""));
    }
    let mut notes = Notes::default();
    let mut settings = Settings::default();
    let model = text(root.field("model").ok_or_else(|| missing("model"))?, "model")?;
    let written = root.field("messages").ok_or_else(|| missing("messages"))?;
    root.field("max_tokens").ok_or_else(|| missing("max_tokens"))?;
    let mut messages = read_system(root, &mut notes)?;
    read_messages(written, &mut messages, &mut notes)?;
    let tools = match root.field("tools") {
        Some(tools) => read_tools(tools, &mut notes)?,
        None => Vec::new(),
    };
    for (name, value) in root.entries().filter(|(_, value)| !value.is_null()) {
        match name.decode().as_ref() {
            "model" | "messages" | "system" | "tools" | "stream" => {}
            name => settings.read(name, value, &mut notes)?,
        }
    }
    let delivery = if is_streamed(root)? { Delivery::Stream { usage: true } } else { Delivery::Whole };
    let settings = settings.finish(&mut notes)?;
    Ok(Chat { model, messages, tools, settings, delivery, unsupported: notes.into_paths() })
}

fn read_system<'d>(root: Value<'d>, notes: &mut Notes) -> Result<Vec<Message<'d>>, Invalid> {
    let Some(system) = root.field("system") else { return Ok(Vec::new()) };
    let parts = read_content(system, Place::System, notes).map_err(|inner| within(inner, "system".into()))?;
    Ok(if parts.is_empty() { Vec::new() } else { vec![Message { role: Role::System, parts }] })
}

fn read_messages<'d>(
    written: Value<'d>,
    messages: &mut Vec<Message<'d>>,
    notes: &mut Notes,
) -> Result<(), Invalid> {
    if !written.is_array() || written.items().next().is_none() {
        return Err(wrong("messages"));
    }
    for (index, message) in written.items().enumerate() {
        let message =
            read_message(message, notes).map_err(|inner| within(inner, format!("messages[{index}]")))?;
        messages.push(message);
    }
    Ok(())
}

fn read_message<'d>(message: Value<'d>, notes: &mut Notes) -> Result<Message<'d>, Invalid> {
    if !message.is_object() {
        return Err(wrong(""));
    }
    let role = message.field("role").ok_or_else(|| missing(".role"))?;
    let role = role.as_str().ok_or_else(|| wrong(".role"))?;
    let (role, place) = match role.decode().as_ref() {
        "user" => (Role::User, Place::User),
        "assistant" => (Role::Assistant, Place::Assistant),
        "system" => (Role::System, Place::System),
        _ => return Err(wrong(".role")),
    };
    for (name, _) in message.entries().filter(|(name, value)| !value.is_null() && !name.is("role")) {
        match name.decode().as_ref() {
            "content" => {}
            name => notes.field("messages[].", name),
        }
    }
    let content = message.field("content").ok_or_else(|| missing(".content"))?;
    let parts = read_content(content, place, notes).map_err(|inner| within(inner, ".content".into()))?;
    Ok(Message { role, parts })
}

fn read_tools<'d>(written: Value<'d>, notes: &mut Notes) -> Result<Vec<Tool<'d>>, Invalid> {
    if !written.is_array() {
        return Err(wrong("tools"));
    }
    let mut tools = Vec::new();
    for (index, tool) in written.items().enumerate() {
        tools.extend(read_tool(tool, notes).map_err(|inner| within(inner, format!("tools[{index}]")))?);
    }
    Ok(tools)
}

/// Reads a tool that the client runs; one that the provider runs is noted.
fn read_tool<'d>(tool: Value<'d>, notes: &mut Notes) -> Result<Option<Tool<'d>>, Invalid> {
    if !tool.is_object() {
        return Err(wrong(""));
    }
    let kind = tool.field("type").map(|kind| kind.as_str().ok_or_else(|| wrong(".type"))).transpose()?;
    if kind.is_some_and(|kind| !kind.is("custom")) {
        notes.add("tools[].type");
        return Ok(None);
    }
    let name = text_of(tool, "name")?;
    let schema = tool.field("input_schema").ok_or_else(|| missing(".input_schema"))?;
    if !schema.is_object() {
        return Err(wrong(".input_schema"));
    }
    let description = match tool.field("description") {
        Some(description) => text(description, ".description")?,
        None => Text::from(""),
    };
    let strict = match tool.field("strict") {
        Some(strict) => strict.as_bool().ok_or_else(|| wrong(".strict"))?,
        None => false,
    };
    for (name, _) in tool.entries().filter(|(_, value)| !value.is_null()) {
        match name.decode().as_ref() {
            "type" | "name" | "description" | "input_schema" | "strict" => {}
            "cache_control" => notes.add("cache_control"),
            name => notes.field("tools[].", name),
        }
    }
    Ok(Some(Tool { name, description, schema: schema.raw().into(), strict }))
}
