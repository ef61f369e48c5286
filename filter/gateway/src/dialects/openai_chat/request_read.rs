//! Reading a request: its frame here, messages and settings in their own modules.

use crate::chat::{Chat, Delivery, Text, Tool};
use crate::dialects::{Invalid, InvalidFault};
use crate::wire::json::{Str, Value};

use super::path::{Notes, Path, spelled};
use super::{message_read, settings};

/// The schema of a function that states none: OpenAI defines it as one without parameters.
const NO_PARAMETERS: &str = r#"{"type":"object","properties":{}}"#;

/// Reads a client's request.
pub fn read_request(root: Value<'_>) -> Result<Chat<'_>, Invalid> {
    if !root.is_object() {
        return Err(Invalid { param: String::new(), fault: InvalidFault::Wrong });
    }
    let mut notes = Notes::default();
    let model = Text::from(required_string(root, &Path::root("model"), "model")?);
    let messages = message_read::messages(root.field("messages"), &mut notes)?;
    let tools = tools(root.field("tools"), &mut notes)?;
    let delivery = delivery(root, &mut notes)?;
    let settings = settings::read(root, &mut notes)?;
    Ok(Chat { model, messages, tools, settings, delivery, unsupported: notes.into_list() })
}

/// The string member `key` of `object`, which stands at `path` and must be there.
pub(super) fn required_string<'d>(object: Value<'d>, path: &Path<'_>, key: &str) -> Result<Str<'d>, Invalid> {
    object.field(key).ok_or_else(|| path.missing())?.as_str().ok_or_else(|| path.wrong())
}

/// The truth value of the optional member `key` of `object`; false where there is none.
pub(super) fn flag(object: Value<'_>, path: &Path<'_>, key: &str) -> Result<bool, Invalid> {
    match object.field(key) {
        None => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| path.wrong()),
    }
}

/// Notes the members of `object` that are set and not `known`.
pub(super) fn note_unknown(object: Value<'_>, known: &[&str], path: &Path<'_>, notes: &mut Notes) {
    for (key, value) in object.entries() {
        if !value.is_null() && !known.iter().any(|name| key.is(name)) {
            notes.add(&path.key(spelled(key)));
        }
    }
}

fn delivery(root: Value<'_>, notes: &mut Notes) -> Result<Delivery, Invalid> {
    let is_streamed = flag(root, &Path::root("stream"), "stream")?;
    let mut usage = false;
    if let Some(options) = root.field("stream_options") {
        let path = Path::root("stream_options");
        if !options.is_object() {
            return Err(path.wrong());
        }
        usage = flag(options, &path.key("include_usage"), "include_usage")?;
        // Obfuscation pads events against eavesdroppers; whether a provider does it changes nothing for the client.
        note_unknown(options, &["include_usage", "include_obfuscation"], &path, notes);
    }
    Ok(if is_streamed { Delivery::Stream { usage } } else { Delivery::Whole })
}

fn tools<'d>(tools: Option<Value<'d>>, notes: &mut Notes) -> Result<Vec<Tool<'d>>, Invalid> {
    let root = Path::root("tools");
    let Some(tools) = tools else { return Ok(Vec::new()) };
    if !tools.is_array() {
        return Err(root.wrong());
    }
    let mut read = Vec::new();
    for (position, tool) in tools.items().enumerate() {
        let path = root.index(position);
        if let Some(function) = function_of(tool, &path)? {
            note_unknown(tool, &["type", "function"], &path, notes);
            read.push(function_tool(function, &path.key("function"), notes)?);
        } else {
            notes.add(&path);
        }
    }
    Ok(read)
}

/// The `function` of a tool or a tool call at `path`; nothing if it is of another type, such as `custom`.
pub(super) fn function_of<'d>(tool: Value<'d>, path: &Path<'_>) -> Result<Option<Value<'d>>, Invalid> {
    if !tool.is_object() {
        return Err(path.wrong());
    }
    let kind =
        tool.field("type").map(|kind| kind.as_str().ok_or_else(|| path.key("type").wrong())).transpose()?;
    if kind.is_some_and(|kind| !kind.is("function")) {
        return Ok(None);
    }
    let path = path.key("function");
    let function = tool.field("function").ok_or_else(|| path.missing())?;
    if function.is_object() { Ok(Some(function)) } else { Err(path.wrong()) }
}

fn function_tool<'d>(function: Value<'d>, path: &Path<'_>, notes: &mut Notes) -> Result<Tool<'d>, Invalid> {
    let name = required_string(function, &path.key("name"), "name")?.into();
    let description = match function.field("description") {
        None => Text::from(""),
        Some(value) => value.as_str().ok_or_else(|| path.key("description").wrong())?.into(),
    };
    let schema = match function.field("parameters") {
        None => NO_PARAMETERS,
        Some(value) if value.is_object() => value.raw(),
        Some(_) => return Err(path.key("parameters").wrong()),
    };
    let strict = flag(function, &path.key("strict"), "strict")?;
    note_unknown(function, &["name", "description", "parameters", "strict"], path, notes);
    Ok(Tool { name, description, schema: schema.into(), strict })
}
