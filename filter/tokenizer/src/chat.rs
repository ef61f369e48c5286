//! What a chat costs beyond its texts.
//!
//! A provider wraps each message in a few tokens of its own and begins the reply. For OpenAI's models the numbers are
//! published or were seen in bills; tools, and everything for other families, are estimates.

use crate::model::{Exactness, Family, Model};
use crate::{Encoding, Scratch, Tokens};
use alloc::string::String;

/// A message of a chat, borrowed from wherever it was read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// `system`, `user`, `assistant`, `tool` …
    pub role: &'a str,
    /// The name of its author, if it has one.
    pub name: Option<&'a str>,
    /// The parts of its text; also a refusal.
    pub texts: &'a [&'a str],
    /// The tool calls it makes.
    pub calls: &'a [Call<'a>],
}

/// A tool call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The tool's name.
    pub name: &'a str,
    /// The arguments as they were sent: a JSON text.
    pub arguments: &'a str,
}

/// The definition of a tool.
#[derive(Clone, Copy, Debug)]
pub enum Tool<'a> {
    /// A function whose parameters are plain values, for which the published rule holds.
    Function {
        /// Its name.
        name: &'a str,
        /// Its description.
        description: &'a str,
        /// Its parameters.
        parameters: &'a [Parameter<'a>],
    },
    /// Any other: the definition as compact JSON.
    Json(&'a str),
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type in the schema: `string`, `number` …
    pub kind: &'a str,
    /// Its description.
    pub description: &'a str,
    /// The values it may take, if they are listed.
    pub choices: &'a [&'a str],
}

/// A number of tokens and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The tokens.
    pub tokens: Tokens,
    /// Whether the provider counts the same.
    pub exactness: Exactness,
}

/// Around a tool call: three to eight were seen.
const CALL: u64 = 8;

/// Once for all tools together.
const TOOLS: u64 = 12;

/// Once for a function that has parameters.
const PARAMETERS: u64 = 3;

/// For each parameter without a list of choices.
const PARAMETER: u64 = 3;

/// For each value that a parameter may take.
const CHOICE: u64 = 3;

/// The part of the compact JSON of a tool that it costs.
const JSON_PERCENT: u32 = 90;

/// What differs between models.
struct Overhead {
    message: u64,
    name: u64,
    function: u64,
    reply: u64,
}

impl Overhead {
    const fn of(model: &Model) -> Self {
        let function = match model.encoding {
            Encoding::Cl100kBase => 10,
            Encoding::O200kBase | Encoding::O200kHarmony => 7,
        };
        let reply = match model.family {
            Family::OpenAiReasoning => 2,
            _ => 3,
        };
        Self { message: 3, name: 1, function, reply }
    }
}

/// Counts a chat for a model: its messages, the tools it offers, and the beginning of the reply.
///
/// Exact for plain messages of OpenAI's models; an estimate as soon as there are tools or tool calls, and for every other
/// family, whose factor covers the overhead too. Images, audio and files are not text and are not counted here.
pub fn count_chat(
    scratch: &mut Scratch,
    model: &Model,
    messages: &[Message<'_>],
    tools: &[Tool<'_>],
) -> Count {
    let mut chat = Chat { scratch, model, overhead: Overhead::of(model), tokens: Tokens::ZERO };
    for message in messages {
        chat.add_message(message);
    }
    for tool in tools {
        chat.add_tool(tool);
    }
    if !tools.is_empty() {
        chat.tokens += Tokens::new(TOOLS);
    }
    chat.tokens += Tokens::new(chat.overhead.reply);
    let plain = tools.is_empty() && messages.iter().all(|message| message.calls.is_empty());
    let exactness = if plain { model.exactness } else { Exactness::Estimate };
    Count { tokens: model.scaled(chat.tokens), exactness }
}

/// The sum so far.
struct Chat<'a> {
    scratch: &'a mut Scratch,
    model: &'a Model,
    overhead: Overhead,
    tokens: Tokens,
}

impl Chat<'_> {
    fn add(&mut self, text: &str, around: u64) {
        self.tokens += self.scratch.count(self.model.encoding, text) + Tokens::new(around);
    }

    fn add_message(&mut self, message: &Message<'_>) {
        self.add(message.role, self.overhead.message);
        if let Some(name) = message.name {
            self.add(name, self.overhead.name);
        }
        for text in message.texts {
            self.add(text, 0);
        }
        for call in message.calls {
            self.add(call.name, 0);
            self.add(call.arguments, CALL);
        }
    }

    fn add_tool(&mut self, tool: &Tool<'_>) {
        match tool {
            Tool::Json(json) => {
                self.tokens += self.scratch.count(self.model.encoding, json).percent(JSON_PERCENT);
            }
            Tool::Function { name, description, parameters } => {
                self.add(&line(&[name, without_stop(description)]), self.overhead.function);
                if !parameters.is_empty() {
                    self.tokens += Tokens::new(PARAMETERS);
                }
                for parameter in *parameters {
                    self.add_parameter(parameter);
                }
            }
        }
    }

    fn add_parameter(&mut self, parameter: &Parameter<'_>) {
        // A list of choices takes the place of the parameter's own overhead; each choice then brings its own.
        let around = if parameter.choices.is_empty() { PARAMETER } else { 0 };
        let text = line(&[parameter.name, parameter.kind, without_stop(parameter.description)]);
        self.add(&text, around);
        for choice in parameter.choices {
            self.add(choice, CHOICE);
        }
    }
}

/// The parts with colons between them, which is how the published rule joins them.
fn line(parts: &[&str]) -> String {
    parts.join(":")
}

fn without_stop(description: &str) -> &str {
    description.strip_suffix('.').unwrap_or(description)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(model: &str, messages: &[Message<'_>], tools: &[Tool<'_>], tokens: u64, exactness: Exactness) {
        let model = Model::named(model, Encoding::O200kBase);
        let count = count_chat(&mut Scratch::new(), &model, messages, tools);
        assert_eq!(count, Count { tokens: Tokens::new(tokens), exactness }, "{model:?}");
    }

    fn message<'a>(role: &'a str, texts: &'a [&'a str]) -> Message<'a> {
        Message { role, texts, ..Message::default() }
    }

    /// The published example, whose counts are those of the bill.
    #[test]
    fn messages_with_names_count_as_billed() {
        let named = |name, texts| Message { name: Some(name), ..message("system", texts) };
        let messages = [
            message(
                "system",
                &[
                    "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
                ],
            ),
            named("example_user", &["New synergies will help drive top-line growth."]),
            named("example_assistant", &["Things working well together will increase revenue."]),
            named(
                "example_user",
                &[
                    "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
                ],
            ),
            named("example_assistant", &["Let's talk later when we're less busy about how to do better."]),
            message(
                "user",
                &["This late pivot means we don't have time to boil the ocean for the client deliverable."],
            ),
        ];
        check("gpt-4", &messages, &[], 129, Exactness::Exact);
        check("gpt-4o", &messages, &[], 124, Exactness::Exact);
        check("gpt-5", &messages, &[], 123, Exactness::Exact);
        check("claude-sonnet-4", &messages, &[], 155, Exactness::Estimate);
    }

    #[test]
    fn reasoning_models_charge_one_token_less_for_the_reply() {
        let messages = [message("system", &["You are a helpful assistant."]), message("user", &["Hello!"])];
        check("gpt-4o", &messages, &[], 19, Exactness::Exact);
        check("gpt-5", &messages, &[], 18, Exactness::Exact);
    }

    /// The published example with a function, whose counts are those of the bill.
    #[test]
    fn functions_with_plain_parameters_count_as_billed() {
        let parameters = [
            Parameter {
                name: "location",
                kind: "string",
                description: "The city and state, e.g. San Francisco, CA",
                choices: &[],
            },
            Parameter {
                name: "unit",
                kind: "string",
                description: "The unit of temperature to return",
                choices: &["celsius", "fahrenheit"],
            },
        ];
        let tool = Tool::Function {
            name: "get_current_weather",
            description: "Get the current weather in a given location",
            parameters: &parameters,
        };
        let messages = [
            message(
                "system",
                &["You are a helpful assistant that can answer to questions about the weather."],
            ),
            message("user", &["What's the weather like in San Francisco?"]),
        ];
        check("gpt-4o", &messages, &[tool], 101, Exactness::Estimate);
        check("gpt-4", &messages, &[tool], 105, Exactness::Estimate);
    }

    #[test]
    fn a_tool_in_json_costs_nine_tenths_of_it() {
        let json = r#"{"name":"now"}"#;
        let tokens = Scratch::new().count(Encoding::O200kBase, json).percent(JSON_PERCENT).get();
        check("gpt-4o", &[], &[Tool::Json(json)], tokens + TOOLS + 3, Exactness::Estimate);
    }
}
