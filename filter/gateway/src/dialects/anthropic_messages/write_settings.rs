//! Tools and settings of a request to a provider.

use super::form::Form;
use super::models::{Generation, Model};
use super::notes::Notes;
use super::plan::{Plan, Thinking};
use super::write_parts::is_blank;
use crate::chat::{Chat, Setting, Text, Tool, ToolChoice, shortened, stand_in};
use crate::wire::json::{Array, Document, Object};

/// How many characters Anthropic takes as a `user_id`.
const USER_CHARACTERS_MAX: usize = 256;
/// From how many digits on a number may be that of a telephone.
const PHONE_DIGITS_MIN: usize = 7;

/// Writes `tools` and `tool_choice`.
pub(super) fn write_tools(chat: &Chat<'_>, model: Model, request: &mut Object<'_>, notes: &mut Notes) {
    let choice = chat.settings.iter().find_map(|setting| match setting {
        Setting::ToolChoice(choice) => Some(choice),
        _ => None,
    });
    if chat.tools.is_empty() {
        // A conversation that holds calls and results needs no tools, so none are made up; it did until February 2025
        // (<https://platform.claude.com/docs/en/release-notes/api>). A choice among no tools is refused.
        if let Some(ToolChoice::Required | ToolChoice::Named(_)) = choice {
            notes.add("tool_choice");
        }
        return;
    }
    let mut tools = Array::open(request.key("tools"));
    for tool in &chat.tools {
        write_tool(tool, model, tools.element(), notes);
    }
    tools.close();
    let one_at_a_time = chat.settings.contains(&Setting::ParallelToolCalls(false));
    let is_forced = matches!(choice, Some(ToolChoice::Required | ToolChoice::Named(_)));
    let choice = if is_forced && !model.generation.takes_forced_calls() {
        notes.add("tool_choice");
        None
    } else {
        choice
    };
    let name = match choice {
        None if !one_at_a_time => return,
        None | Some(ToolChoice::Auto) => "\"auto\"",
        Some(ToolChoice::Required) => "\"any\"",
        Some(ToolChoice::Named(_)) => "\"tool\"",
        Some(ToolChoice::None) => "\"none\"",
    };
    let mut written = Object::open(request.key("tool_choice"));
    written.raw("type", name);
    if let Some(ToolChoice::Named(name)) = choice {
        name.write(written.key("name"));
    }
    if one_at_a_time && choice != Some(&ToolChoice::None) {
        written.raw("disable_parallel_tool_use", "true");
    }
    written.close();
}

fn write_tool(tool: &Tool<'_>, model: Model, out: &mut Vec<u8>, notes: &mut Notes) {
    let mut written = Object::open(out);
    tool.name.write(written.key("name"));
    if !tool.description.is_empty() {
        tool.description.write(written.key("description"));
    }
    let schema = written.key("input_schema");
    match tool.schema.trim_ascii().strip_prefix('{') {
        Some(rest) if !names_type(&tool.schema) => {
            schema.extend_from_slice(b"{\"type\":\"object\"");
            let is_last = rest.trim_ascii_start().starts_with('}');
            schema.extend_from_slice(if is_last { b"" } else { b"," });
            schema.extend_from_slice(rest.as_bytes());
        }
        Some(_) | None => schema.extend_from_slice(tool.schema.as_bytes()),
    }
    if tool.strict && model.holds_to_schemas {
        written.raw("strict", "true");
    } else if tool.strict {
        notes.add("tools[].strict");
    }
    written.close();
}

/// Whether the schema itself says a type, which Anthropic demands and others leave out for a tool without arguments.
/// What its properties say of theirs does not count.
fn names_type(schema: &str) -> bool {
    let has_type = |document: Document<'_>| document.root().get("type").is_some();
    Document::parse(schema.as_bytes()).is_ok_and(has_type)
}

/// Writes everything that was set beside the conversation and the tools.
pub(super) fn write_settings(
    chat: &Chat<'_>,
    plan: &Plan<'_>,
    generation: Generation,
    request: &mut Object<'_>,
    notes: &mut Notes,
) {
    let sampling = Sampling { generation, thinking: plan.thinking };
    for setting in &chat.settings {
        match setting {
            // Settled in the plan, or written with the tools.
            Setting::MaxTokens(_) | Setting::Effort(_) | Setting::Format(_) => {}
            Setting::ToolChoice(_) | Setting::ParallelToolCalls(_) => {}
            Setting::Temperature(number) => sampling.temperature(number, request, notes),
            Setting::TopP(number) => sampling.top_p(number, chat, request, notes),
            Setting::TopK(number) => sampling.top_k(number, request, notes),
            Setting::Stop(stops) => write_stops(stops, request, notes),
            Setting::Answers(_) => notes.add("n"),
            Setting::Seed(_) => notes.add("seed"),
            Setting::User(user) => write_user(user, request.key("metadata")),
        }
    }
    write_thinking(plan.thinking, request);
    let schema = match plan.form {
        Form::Kept(schema) => Some(schema),
        Form::Free | Form::Asked(_) => None,
    };
    if plan.effort.is_none() && schema.is_none() {
        return;
    }
    let mut output = Object::open(request.key("output_config"));
    if let Some(effort) = plan.effort {
        output.string("effort", effort);
    }
    if let Some(schema) = schema {
        let mut written = Object::open(output.key("format"));
        written.raw("type", "\"json_schema\"").raw("schema", schema);
        written.close();
    }
    output.close();
}

/// Writes whom the request is for. Anthropic refuses what looks like an address of e-mail or a number of a telephone;
/// like a name that is too long it becomes a digest, which still tells users apart.
fn write_user(user: &Text<'_>, out: &mut Vec<u8>) {
    let plain = user.plain();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let is_number = |letter: char| letter.is_ascii_digit() || " +-.()".contains(letter);
    let is_personal = plain.contains('@') || (digits >= PHONE_DIGITS_MIN && plain.chars().all(is_number));
    let mut metadata = Object::open(out);
    let out = metadata.key("user_id");
    if is_personal {
        stand_in(user).write(out);
    } else {
        shortened(user, USER_CHARACTERS_MAX).write(out);
    }
    metadata.close();
}

fn write_thinking(thinking: Thinking, request: &mut Object<'_>) {
    let (name, budget) = match thinking {
        Thinking::Unset => return,
        Thinking::Disabled => ("\"disabled\"", None),
        Thinking::Adaptive => ("\"adaptive\"", None),
        Thinking::Budget(tokens) => ("\"enabled\"", Some(tokens)),
    };
    let mut written = Object::open(request.key("thinking"));
    written.raw("type", name);
    if let Some(tokens) = budget {
        written.number("budget_tokens", tokens);
    }
    written.close();
}

/// Writes the texts to stop at. Anthropic refuses those that are white space, such as a line feed.
fn write_stops(stops: &[Text<'_>], request: &mut Object<'_>, notes: &mut Notes) {
    let kept = || stops.iter().filter(|stop| !is_blank(stop));
    if kept().count() < stops.len() {
        notes.add("stop");
    }
    if kept().next().is_none() {
        return;
    }
    let mut written = Array::open(request.key("stop_sequences"));
    for stop in kept() {
        stop.write(written.element());
    }
    written.close();
}

/// Which sampling settings the model takes.
#[derive(Clone, Copy)]
struct Sampling {
    generation: Generation,
    thinking: Thinking,
}

impl Sampling {
    /// Anthropic's range ends at 1, others' at 2; with thinking it must be 1, which is also what holds when unset.
    fn temperature(self, number: &str, request: &mut Object<'_>, notes: &mut Notes) {
        let is_over_one = number.parse().is_ok_and(|number: f64| number > 1.0);
        let written = match self.generation {
            Generation::Foreign => number,
            _ if is_one(number) => return,
            Generation::AdaptiveOnly | Generation::AlwaysOn => return notes.add("temperature"),
            Generation::Thoughtless | Generation::Budgets | Generation::Adaptive if self.thinks() => {
                return notes.add("temperature");
            }
            Generation::Thoughtless | Generation::Budgets | Generation::Adaptive if is_over_one => {
                notes.add("temperature");
                "1"
            }
            Generation::Thoughtless | Generation::Budgets | Generation::Adaptive => number,
        };
        request.raw("temperature", written);
    }

    /// Not beside a temperature, and with thinking only close to 1.
    fn top_p(self, number: &str, chat: &Chat<'_>, request: &mut Object<'_>, notes: &mut Notes) {
        let has_temperature = chat
            .settings
            .iter()
            .any(|setting| matches!(setting, Setting::Temperature(number) if !is_one(number)));
        let is_taken = match self.generation {
            Generation::Foreign => true,
            Generation::AdaptiveOnly | Generation::AlwaysOn => false,
            Generation::Thoughtless | Generation::Budgets | Generation::Adaptive if self.thinks() => {
                number.parse().is_ok_and(|number: f64| number >= 0.95)
            }
            Generation::Thoughtless | Generation::Budgets | Generation::Adaptive => !has_temperature,
        };
        if is_taken {
            request.raw("top_p", number);
        } else if !is_one(number) {
            notes.add("top_p");
        }
    }

    /// Not with thinking.
    fn top_k(self, number: &str, request: &mut Object<'_>, notes: &mut Notes) {
        match self.generation {
            Generation::Foreign => {}
            Generation::Thoughtless | Generation::Budgets | Generation::Adaptive if !self.thinks() => {}
            Generation::Thoughtless
            | Generation::Budgets
            | Generation::Adaptive
            | Generation::AdaptiveOnly
            | Generation::AlwaysOn => {
                return notes.add("top_k");
            }
        }
        request.raw("top_k", number);
    }

    fn thinks(self) -> bool {
        match self.thinking {
            Thinking::Budget(_) | Thinking::Adaptive => true,
            Thinking::Unset | Thinking::Disabled => false,
        }
    }
}

fn is_one(number: &str) -> bool {
    number.parse() == Ok(1.0)
}
