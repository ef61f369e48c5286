//! What a client asks.

use std::borrow::Cow;

use super::Text;

/// One request to a chat model.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat<'d> {
    /// The model's name as the client wrote it.
    pub model: Text<'d>,
    /// The conversation, system and developer messages in their places.
    pub messages: Vec<Message<'d>>,
    /// The tools the model may call.
    pub tools: Vec<Tool<'d>>,
    /// Everything else that was set, in the order it was written; each kind at most once.
    pub settings: Vec<Setting<'d>>,
    /// How the reply is wanted.
    pub delivery: Delivery,
    /// What the reader met and no type here can hold.
    pub unsupported: Vec<Unsupported>,
}

/// How the reply is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As one JSON document.
    Whole,
    /// As events; `usage` tells whether the client asked for a usage event of its own (OpenAI's
    /// `stream_options.include_usage`).
    Stream {
        /// Whether a usage event was asked for.
        usage: bool,
    },
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The operator's instruction.
    System,
    /// OpenAI's later name for it; dialects without it write [`Role::System`].
    Developer,
    /// The user, and the results of tools.
    User,
    /// The model.
    Assistant,
}

/// One turn of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Message<'d> {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part<'d>>,
}

/// A piece of a message or of a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Part<'d> {
    /// Text.
    Text(Text<'d>),
    /// An image.
    Image(Image<'d>),
    /// The model calls a tool.
    ToolCall {
        /// The call's id, which its result names.
        id: Text<'d>,
        /// The tool's name.
        name: Text<'d>,
        /// The arguments: one JSON object as text, e.g. `{"city":"Rome"}`.
        arguments: Cow<'d, str>,
    },
    /// What a tool answered; stands in a message of [`Role::User`].
    ToolResult {
        /// The id of the call it answers.
        id: Text<'d>,
        /// The answer: texts and images.
        parts: Vec<Part<'d>>,
        /// Whether the tool failed (Anthropic's `is_error`).
        failed: bool,
    },
    /// The model's reasoning in words, with the signature that some providers demand back unchanged (may be empty).
    Thinking {
        /// The reasoning.
        text: Text<'d>,
        /// Its signature; empty where there is none.
        signature: Text<'d>,
    },
    /// Reasoning that the provider encrypted; only it can read it.
    RedactedThinking(Text<'d>),
    /// The model declines to answer, in words.
    Refusal(Text<'d>),
}

/// Where an image is.
#[derive(Clone, Debug, PartialEq)]
pub enum Image<'d> {
    /// At an address that the provider fetches.
    Url(Text<'d>),
    /// In the request.
    Base64 {
        /// Such as `image/png`.
        media_type: Text<'d>,
        /// The bytes in base64.
        data: Text<'d>,
    },
}

/// A function the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool<'d> {
    /// Its name.
    pub name: Text<'d>,
    /// What it does; empty where nothing was said.
    pub description: Text<'d>,
    /// The JSON Schema of its arguments, as raw JSON.
    pub schema: Cow<'d, str>,
    /// Whether the provider must keep the arguments within the schema.
    pub strict: bool,
}

/// Whether and which tool the model calls.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolChoice<'d> {
    /// The model decides.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(Text<'d>),
}

/// The form of the reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Format<'d> {
    /// Some JSON object.
    JsonObject,
    /// JSON that follows a schema.
    JsonSchema {
        /// The schema's name.
        name: Text<'d>,
        /// The JSON Schema, as raw JSON.
        schema: Cow<'d, str>,
        /// Whether the provider must enforce it.
        strict: bool,
    },
}

/// How much the model thinks before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Not at all.
    Off,
    /// OpenAI's `minimal`.
    Minimal,
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
    /// `xhigh`
    ExtraHigh,
    /// `max`
    Max,
    /// As many tokens as this, thinking alone (Anthropic's `budget_tokens`).
    Budget(u64),
}

/// One thing that was set beside the messages. Numbers stay as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting<'d> {
    /// The most tokens the reply may have, reasoning included.
    MaxTokens(u64),
    /// Sampling temperature.
    Temperature(&'d str),
    /// Nucleus sampling.
    TopP(&'d str),
    /// Sampling among the k likeliest tokens.
    TopK(&'d str),
    /// Texts at which the model stops.
    Stop(Vec<Text<'d>>),
    /// How many answers are wanted; only above one.
    Answers(u64),
    /// The seed of the sampling.
    Seed(&'d str),
    /// Which tool is called.
    ToolChoice(ToolChoice<'d>),
    /// Whether several tools may be called in one turn.
    ParallelToolCalls(bool),
    /// The form of the reply.
    Format(Format<'d>),
    /// How much the model thinks.
    Effort(Effort),
    /// Whom the request is for: an opaque id of the client's user.
    User(Text<'d>),
}

/// The path of something a dialect has no words for, such as `messages[0].name` or `logit_bias`. Never a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsupported(pub Cow<'static, str>);
