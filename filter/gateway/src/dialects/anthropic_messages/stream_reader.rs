//! A provider's stream, event by event.
//!
//! `message_start` tells id, model and the prompt's tokens; blocks come one after the other, each with a start,
//! pieces and a stop; `message_delta` tells why it ended and all tokens; `message_stop` ends it. Events, blocks and
//! pieces of other kinds are passed over. Source: <https://platform.claude.com/docs/en/build-with-claude/streaming>.
//!
//! | server | what it does |
//! |---|---|
//! | llama.cpp | drops `message_start` now and then: the first event of the answer begins it, without id and model |
//! | various | leave out `type`, which the event's name also tells, or the data of `ping`; add OpenAI's `[DONE]` |

use super::failure::read_stream_failure;
use super::finish::read_finish;
use super::usage::Counts;
use crate::chat::{Delta, ErrorClass, Failure, Text};
use crate::dialects::Unreadable;
use crate::wire::json::{Document, Str, Value};
use crate::wire::sse;

/// The most calls one reply may have.
const CALLS_MAX: usize = 1024;

/// The events that tell something of the answer.
const ANSWER: [&str; 5] =
    ["content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"];

/// Reads the events of one provider's stream.
#[derive(Debug, Default)]
pub struct StreamReader {
    phase: Phase,
    counts: Counts,
    /// The calls so far; a call's number is its place here.
    calls: Vec<Call>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Before,
    Running,
    /// Why the answer ended was told.
    Stopped,
    Ended,
}

#[derive(Debug)]
struct Call {
    /// The index of its block.
    block: u64,
    arguments: Arguments,
}

/// Whether a call's arguments have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arguments {
    None,
    Some,
}

impl StreamReader {
    /// Reads one event and hands on what it says. An error means that the stream cannot be understood further; what
    /// follows the end is not looked at.
    pub fn read(
        &mut self,
        event: sse::Event<'_>,
        on_delta: &mut dyn FnMut(Delta<'_>),
    ) -> Result<(), Unreadable> {
        if self.phase == Phase::Ended {
            return Ok(());
        }
        let Some(data) = event.data() else { return Ok(()) };
        let data = data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        let document = Document::parse_reply(data).map_err(|_| Unreadable)?;
        let root = document.root();
        match (kind(root, event)?, self.phase) {
            ("message_start", Phase::Before) => {
                self.start(root.field("message").ok_or(Unreadable)?, on_delta)
            }
            ("error", _) => {
                self.phase = Phase::Ended;
                let failure = root.field("error").and_then(read_stream_failure);
                on_delta(Delta::Failed(failure.unwrap_or_else(untold)));
            }
            (kind, Phase::Before) if ANSWER.contains(&kind) => {
                self.phase = Phase::Running;
                on_delta(Delta::Start { id: "".into(), model: "".into() });
                return self.go_on(kind, root, on_delta);
            }
            (kind, Phase::Running | Phase::Stopped) => return self.go_on(kind, root, on_delta),
            // `ping`, and what may be added.
            (_, Phase::Before | Phase::Ended) => {}
        }
        Ok(())
    }

    /// Ends a stream that came to an end without breaking off, and tells so where it lacks `message_stop` and nothing
    /// else.
    pub fn finish(&mut self, on_delta: &mut dyn FnMut(Delta<'_>)) {
        if self.phase == Phase::Stopped {
            self.phase = Phase::Ended;
            on_delta(Delta::End);
        }
    }

    /// Reads an event between the start and the end.
    fn go_on(
        &mut self,
        kind: &str,
        root: Value<'_>,
        on_delta: &mut dyn FnMut(Delta<'_>),
    ) -> Result<(), Unreadable> {
        match kind {
            "content_block_start" => {
                return self.start_block(
                    index(root)?,
                    root.field("content_block").ok_or(Unreadable)?,
                    on_delta,
                );
            }
            "content_block_delta" => {
                return self.read_piece(index(root)?, root.field("delta").ok_or(Unreadable)?, on_delta);
            }
            "content_block_stop" => self.stop_block(index(root)?, on_delta),
            "message_delta" => {
                if let Some(finish) = root.field("delta").and_then(read_finish) {
                    self.phase = Phase::Stopped;
                    on_delta(Delta::Finish { choice: 0, finish });
                }
                self.count(root, on_delta);
            }
            "message_stop" => {
                self.phase = Phase::Ended;
                on_delta(Delta::End);
            }
            // A reply begins once.
            "message_start" => return Err(Unreadable),
            // `ping`, and what may be added.
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, message: Value<'_>, on_delta: &mut dyn FnMut(Delta<'_>)) {
        self.phase = Phase::Running;
        let text = |name| message.field(name).and_then(Value::as_str).map_or(Text::from(""), Text::from);
        on_delta(Delta::Start { id: text("id"), model: text("model") });
        self.count(message, on_delta);
    }

    fn count(&mut self, holder: Value<'_>, on_delta: &mut dyn FnMut(Delta<'_>)) {
        if let Some(usage) = holder.field("usage").filter(|usage| usage.is_object()) {
            self.counts.update(usage);
            on_delta(Delta::Usage(self.counts.usage()));
        }
    }

    fn start_block(
        &mut self,
        index: u64,
        block: Value<'_>,
        on_delta: &mut dyn FnMut(Delta<'_>),
    ) -> Result<(), Unreadable> {
        match string(block, "type")?.raw() {
            "text" => tell(block, "text", |text| Delta::Text { choice: 0, text }, on_delta),
            "thinking" => {
                tell(block, "thinking", |text| Delta::Thinking { choice: 0, text }, on_delta);
                tell(block, "signature", |text| Delta::Signature { choice: 0, text }, on_delta);
            }
            "redacted_thinking" => {
                tell(block, "data", |data| Delta::RedactedThinking { choice: 0, data }, on_delta);
            }
            "tool_use" => {
                if self.calls.len() >= CALLS_MAX {
                    return Err(Unreadable);
                }
                let call = self.calls.len() as u32;
                let (id, name) = (string(block, "id")?.into(), string(block, "name")?.into());
                on_delta(Delta::CallStart { choice: 0, call, id, name });
                let mut arguments = Arguments::None;
                // Usually `{}`, with the arguments to follow in pieces; some servers send them whole.
                if let Some(input) = block.field("input").filter(|input| input.entries().next().is_some()) {
                    on_delta(Delta::CallArguments { choice: 0, call, json: input.raw().into() });
                    arguments = Arguments::Some;
                }
                self.calls.push(Call { block: index, arguments });
            }
            _ => {}
        }
        Ok(())
    }

    fn read_piece(
        &mut self,
        index: u64,
        delta: Value<'_>,
        on_delta: &mut dyn FnMut(Delta<'_>),
    ) -> Result<(), Unreadable> {
        match string(delta, "type")?.raw() {
            "text_delta" => tell(delta, "text", |text| Delta::Text { choice: 0, text }, on_delta),
            "thinking_delta" => tell(delta, "thinking", |text| Delta::Thinking { choice: 0, text }, on_delta),
            "signature_delta" => {
                tell(delta, "signature", |text| Delta::Signature { choice: 0, text }, on_delta)
            }
            "input_json_delta" => {
                let json = string(delta, "partial_json")?;
                // Blocks of server tools get such pieces too, and are not among the calls.
                if let (Some((call, place)), false) = (self.call(index), json.is_empty()) {
                    place.arguments = Arguments::Some;
                    on_delta(Delta::CallArguments { choice: 0, call, json: json.into() });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends a block. A call that had no arguments gets an empty object: other dialects hand on JSON text, and an
    /// empty text is none.
    fn stop_block(&mut self, index: u64, on_delta: &mut dyn FnMut(Delta<'_>)) {
        if let Some((call, place)) = self.call(index).filter(|(_, place)| place.arguments == Arguments::None)
        {
            place.arguments = Arguments::Some;
            on_delta(Delta::CallArguments { choice: 0, call, json: Text::from("{}") });
        }
    }

    /// The call in block `index`, with its number.
    fn call(&mut self, index: u64) -> Option<(u32, &mut Call)> {
        let place = self.calls.iter().rposition(|call| call.block == index)?;
        Some((place as u32, self.calls.get_mut(place)?))
    }
}

/// What kind of event it is: its type or, where that is missing, its name.
fn kind<'d>(root: Value<'d>, event: sse::Event<'d>) -> Result<&'d str, Unreadable> {
    match root.field("type") {
        Some(kind) => Ok(kind.as_str().ok_or(Unreadable)?.raw()),
        None if root.is_object() => Ok(std::str::from_utf8(event.name()).unwrap_or_default()),
        None => Err(Unreadable),
    }
}

/// An error of which the provider says nothing that can be read.
fn untold<'d>() -> Failure<'d> {
    Failure {
        status: 500,
        class: ErrorClass::Server,
        code: "".into(),
        message: "the provider reported an error".into(),
        param: "".into(),
    }
}

fn string<'d>(value: Value<'d>, name: &str) -> Result<Str<'d>, Unreadable> {
    value.field(name).and_then(Value::as_str).ok_or(Unreadable)
}

fn index(event: Value<'_>) -> Result<u64, Unreadable> {
    event.field("index").and_then(Value::as_u64).ok_or(Unreadable)
}

/// Hands on the text in `name` of `holder`, unless there is none.
fn tell<'d>(
    holder: Value<'d>,
    name: &str,
    delta: fn(Text<'d>) -> Delta<'d>,
    on_delta: &mut dyn FnMut(Delta<'_>),
) {
    if let Some(text) = holder.field(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
        on_delta(delta(text.into()));
    }
}
