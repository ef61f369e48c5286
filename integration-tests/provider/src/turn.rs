//! What a request asks for, in words that both dialects share.

use serde_json::Value;

/// The question.
#[derive(Debug, Default)]
pub struct Turn {
    /// The model's name as it was asked for.
    pub model: String,
    /// Whether the answer is to be a stream.
    pub stream: bool,
    /// Whether an OpenAI stream is to end with its usage.
    pub include_usage: bool,
    /// How the answer is bounded and shaped.
    pub limits: Limits,
    /// The tools on offer.
    pub tools: Vec<Tool>,
    /// Which of them may or must be called.
    pub choice: Choice,
    /// What the conversation's end says.
    pub last: Last,
    /// Whether reasoning was asked for.
    pub thinks: bool,
}

/// How the answer is bounded and shaped.
#[derive(Debug, Default)]
pub struct Limits {
    /// How many answers; at least one.
    pub choices: usize,
    /// Most tokens of the answer.
    pub tokens: Option<u64>,
    /// Texts that end the answer where they appear.
    pub stops: Vec<String>,
    /// The schema the answer must follow; `{}` for any JSON.
    pub schema: Option<Value>,
}

/// A tool on offer.
#[derive(Debug)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// The schema of its input.
    pub schema: Value,
}

/// Which tools may or must be called.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// As the model sees fit: this one calls the first where the conversation does not end with results.
    #[default]
    Free,
    /// None.
    Never,
    /// This one.
    Named(String),
}

/// What the conversation's last message says.
#[derive(Debug, Default)]
pub struct Last {
    /// The text of the last user message.
    pub text: String,
    /// The tool results after the last assistant message.
    pub results: Vec<String>,
}

/// The text of a message's `content` in either dialect: a string, or the text parts of a list, one after the other.
pub fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}
