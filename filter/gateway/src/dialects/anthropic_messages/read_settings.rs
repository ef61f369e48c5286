//! Everything a client sets beside the conversation and the tools.

use super::notes::Notes;
use super::read_request::{text, text_of, within};
use crate::chat::{Effort, Format, Setting, Text, ToolChoice};
use crate::dialects::Invalid;
use crate::dialects::outline::wrong;
use crate::wire::json::Value;

/// The name that a schema gets for dialects that demand one; Anthropic's schemas have none.
const SCHEMA_NAME: &str = "response";

/// The settings met so far. How much the model thinks is told by two fields and settled at the end.
#[derive(Default)]
pub(super) struct Settings<'d> {
    settings: Vec<Setting<'d>>,
    thinking: Option<Value<'d>>,
    effort: Option<Effort>,
}

impl<'d> Settings<'d> {
    /// Reads the top-level field `name`; an unknown one is noted.
    pub(super) fn read(&mut self, name: &str, value: Value<'d>, notes: &mut Notes) -> Result<(), Invalid> {
        let number = || value.as_number().ok_or_else(|| wrong(name));
        let setting = match name {
            "max_tokens" => Setting::MaxTokens(value.as_u64().ok_or_else(|| wrong(name))?),
            "temperature" => Setting::Temperature(number()?),
            "top_p" => Setting::TopP(number()?),
            "top_k" => Setting::TopK(number()?),
            "stop_sequences" => return self.read_stops(value),
            "tool_choice" => return self.read_choice(value, notes),
            "metadata" => return self.read_metadata(value, notes),
            "output_config" => return self.read_output(value, notes),
            "thinking" => {
                self.thinking = Some(value);
                return Ok(());
            }
            // What is set is what holds when it is not set.
            "service_tier" if value.as_str().is_some_and(|tier| tier.is("auto")) => return Ok(()),
            "cache_control" => {
                notes.add("cache_control");
                return Ok(());
            }
            _ => {
                notes.field("", name);
                return Ok(());
            }
        };
        self.settings.push(setting);
        Ok(())
    }

    /// The settings, once every field was read.
    pub(super) fn finish(mut self, notes: &mut Notes) -> Result<Vec<Setting<'d>>, Invalid> {
        let effort = match self.thinking {
            Some(thinking) => {
                let inner = read_thinking(thinking, self.effort, notes);
                inner.map_err(|inner| within(inner, "thinking".into()))?
            }
            None => self.effort,
        };
        self.settings.extend(effort.map(Setting::Effort));
        Ok(self.settings)
    }

    fn read_stops(&mut self, value: Value<'d>) -> Result<(), Invalid> {
        if !value.is_array() {
            return Err(wrong("stop_sequences"));
        }
        let mut stops = Vec::new();
        for stop in value.items() {
            stops.push(text(stop, "stop_sequences")?);
        }
        if !stops.is_empty() {
            self.settings.push(Setting::Stop(stops));
        }
        Ok(())
    }

    fn read_choice(&mut self, value: Value<'d>, notes: &mut Notes) -> Result<(), Invalid> {
        let inside = |inner| within(inner, "tool_choice".into());
        let kind = text_of(value, "type").map_err(inside)?;
        let choice = match kind.plain().as_ref() {
            "auto" => ToolChoice::Auto,
            "any" => ToolChoice::Required,
            "tool" => ToolChoice::Named(text_of(value, "name").map_err(inside)?),
            "none" => ToolChoice::None,
            _ => return Err(wrong("tool_choice.type")),
        };
        self.settings.push(Setting::ToolChoice(choice));
        for (name, value) in value.entries().filter(|(_, value)| !value.is_null()) {
            match name.decode().as_ref() {
                "type" | "name" => {}
                "disable_parallel_tool_use" => {
                    let disabled = value.as_bool();
                    if disabled.ok_or_else(|| wrong("tool_choice.disable_parallel_tool_use"))? {
                        self.settings.push(Setting::ParallelToolCalls(false));
                    }
                }
                name => notes.field("tool_choice.", name),
            }
        }
        Ok(())
    }

    fn read_metadata(&mut self, value: Value<'d>, notes: &mut Notes) -> Result<(), Invalid> {
        if !value.is_object() {
            return Err(wrong("metadata"));
        }
        for (name, value) in value.entries().filter(|(_, value)| !value.is_null()) {
            match name.decode().as_ref() {
                "user_id" => self.settings.push(Setting::User(text(value, "metadata.user_id")?)),
                name => notes.field("metadata.", name),
            }
        }
        Ok(())
    }

    fn read_output(&mut self, value: Value<'d>, notes: &mut Notes) -> Result<(), Invalid> {
        if !value.is_object() {
            return Err(wrong("output_config"));
        }
        for (name, value) in value.entries().filter(|(_, value)| !value.is_null()) {
            match name.decode().as_ref() {
                "format" => {
                    let kind = text_of(value, "type")
                        .map_err(|inner| within(inner, "output_config.format".into()))?;
                    if !kind.plain().eq("json_schema") {
                        return Err(wrong("output_config.format.type"));
                    }
                    let schema = value.field("schema").filter(|schema| schema.is_object());
                    let schema = schema.ok_or_else(|| wrong("output_config.format.schema"))?.raw().into();
                    let name = Text::from(SCHEMA_NAME);
                    self.settings.push(Setting::Format(Format::JsonSchema { name, schema, strict: true }));
                }
                "effort" => self.effort = Some(read_effort(value)?),
                name => notes.field("output_config.", name),
            }
        }
        Ok(())
    }
}

fn read_effort(value: Value<'_>) -> Result<Effort, Invalid> {
    let word = text(value, "output_config.effort")?;
    Ok(match word.plain().as_ref() {
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" => Effort::ExtraHigh,
        "max" => Effort::Max,
        _ => return Err(wrong("output_config.effort")),
    })
}

/// Settles how much the model thinks: a budget outranks an effort, and "adaptive" leaves it to the effort, which is
/// high where none is set.
fn read_thinking(
    value: Value<'_>,
    effort: Option<Effort>,
    notes: &mut Notes,
) -> Result<Option<Effort>, Invalid> {
    let kind = text_of(value, "type")?;
    for (name, _) in value.entries().filter(|(_, value)| !value.is_null()) {
        match name.decode().as_ref() {
            "type" | "budget_tokens" => {}
            name => notes.field("thinking.", name),
        }
    }
    let settled = match kind.plain().as_ref() {
        "adaptive" => return Ok(Some(effort.unwrap_or(Effort::High))),
        "disabled" => Effort::Off,
        "enabled" => {
            let budget = value.field("budget_tokens").and_then(Value::as_u64);
            Effort::Budget(budget.ok_or_else(|| wrong(".budget_tokens"))?)
        }
        // Off, but for remarks between calls of tools, which no other dialect has.
        "between_tools" => {
            notes.add("thinking.type");
            Effort::Off
        }
        _ => return Err(wrong(".type")),
    };
    if effort.is_some() {
        notes.add("output_config.effort");
    }
    Ok(Some(settled))
}
