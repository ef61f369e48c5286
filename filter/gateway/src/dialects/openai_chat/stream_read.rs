//! Reading a provider's stream: one chunk of JSON per event, `[DONE]` at the end, which some servers leave out.
//!
//! Each event is parsed once and nothing is kept but numbers, so a stream of any length needs the same memory.

use crate::chat::{Delta, Finish, Text, call_id, digest};
use crate::dialects::Unreadable;
use crate::wire::json::{Document, Str, Value};
use crate::wire::sse;

use super::content::{Piece, pieces, reasoning};
use super::failure::stream_failure;
use super::reply_read::{Called, finish, text};
use super::usage::read_usage;

/// How many answers one stream may hold; OpenAI's own bound for `n`.
pub(super) const CHOICES_MAX: usize = 128;
/// How many tool calls the answers of one stream may hold together; OpenAI allows 128 tools per request.
pub(super) const CALLS_MAX: usize = 1024;
/// How many bytes of a call's arguments are kept while its name has not come.
pub(super) const NAMELESS_BYTES_MAX: usize = 1 << 16;

/// Reads the chunks of one stream.
#[derive(Debug, Default)]
pub struct StreamReader {
    phase: Phase,
    choices: Vec<Answer>,
    calls: Vec<Call>,
    /// The digest of the reply's id, for calls that have none.
    id: u128,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing of the reply has come.
    #[default]
    Waiting,
    Open,
    /// The end or an error has come; what follows is not read.
    Closed,
}

#[derive(Debug)]
struct Answer {
    index: u32,
    calls: u32,
    ended: bool,
}

#[derive(Debug)]
struct Call {
    choice: u32,
    /// The provider's number of it.
    index: u32,
    /// Ours.
    call: u32,
    /// A hash of its id.
    id: u64,
    /// What is known of a call that cannot begin yet.
    nameless: Option<Box<Nameless>>,
}

/// A call whose name has not come: some servers send it behind the id.
#[derive(Debug)]
struct Nameless {
    id: String,
    json: String,
}

type OnDelta<'a> = &'a mut dyn FnMut(Delta<'_>);

impl StreamReader {
    /// Reads one event and hands on what it says, in order.
    pub fn read(
        &mut self,
        event: sse::Event<'_>,
        on_delta: &mut dyn FnMut(Delta<'_>),
    ) -> Result<(), Unreadable> {
        if self.phase == Phase::Closed {
            return Ok(());
        }
        let Some(data) = event.data() else { return Ok(()) };
        let data = data.trim_ascii();
        if data.starts_with(b"[DONE]") {
            self.done(on_delta);
            return Ok(());
        }
        if data.is_empty() {
            return Ok(());
        }
        let document = Document::parse_reply(data).map_err(|_| Unreadable)?;
        let root = document.root();
        if !root.is_object() {
            return Err(Unreadable);
        }
        if let Some(failure) = stream_failure(root) {
            self.phase = Phase::Closed;
            on_delta(Delta::Failed(failure));
            return Ok(());
        }
        self.chunk(root, on_delta)
    }

    /// Ends a stream that came to an end without breaking off, and tells so where it lacks `[DONE]` and nothing else.
    pub fn finish(&mut self, on_delta: &mut dyn FnMut(Delta<'_>)) {
        let have_ended = !self.choices.is_empty() && self.choices.iter().all(|answer| answer.ended);
        if self.phase == Phase::Open && have_ended {
            self.done(on_delta);
        }
    }

    fn chunk(&mut self, root: Value<'_>, on_delta: OnDelta<'_>) -> Result<(), Unreadable> {
        let choices = root.field("choices");
        let usage = root.field("usage").and_then(read_usage);
        if self.phase == Phase::Waiting {
            let id = text(root, "id");
            // Azure sends the verdict of its content filter first, in a chunk with neither an id nor an answer.
            if id.is_empty()
                && usage.is_none()
                && choices.is_none_or(|choices| choices.items().next().is_none())
            {
                return Ok(());
            }
            self.phase = Phase::Open;
            self.id = digest([id.plain().as_ref()]);
            on_delta(Delta::Start { id, model: text(root, "model") });
        }
        for item in choices.into_iter().flat_map(Value::items) {
            self.choice(item, on_delta)?;
        }
        if let Some(usage) = usage {
            on_delta(Delta::Usage(usage));
        }
        Ok(())
    }

    fn choice(&mut self, item: Value<'_>, on_delta: OnDelta<'_>) -> Result<(), Unreadable> {
        let choice = number(item)?;
        let position = self.answer(choice)?;
        if let Some(delta) = item.field("delta") {
            if let Some(text) = reasoning(delta) {
                on_delta(Delta::Thinking { choice, text: text.into() });
            }
            if let Some(content) = delta.field("content") {
                pieces(content, &mut |piece| said(choice, piece, on_delta));
            }
            if let Some(text) = delta.field("refusal").and_then(Value::as_str) {
                said(choice, Piece::Refusal(text), on_delta);
            }
            for call in delta.field("tool_calls").into_iter().flat_map(Value::items) {
                self.call(choice, call, on_delta)?;
            }
        }
        let Some(answer) = self.choices.get_mut(position) else { return Ok(()) };
        let called = if answer.calls > 0 { Called::Yes } else { Called::No };
        let reason = item.field("finish_reason").and_then(Value::as_str);
        // Some servers say an empty reason while there is none, some repeat it in the chunk that carries the usage.
        let is_told = reason.is_some_and(|reason| !reason.is_empty()) && !answer.ended;
        if let Some(finish) = finish(item, called).filter(|_| is_told) {
            answer.ended = true;
            self.end_calls(choice, on_delta);
            on_delta(Delta::Finish { choice, finish });
        }
        Ok(())
    }

    /// Where the answer numbered `index` stands in `choices`.
    fn answer(&mut self, index: u32) -> Result<usize, Unreadable> {
        if let Some(position) = self.choices.iter().position(|answer| answer.index == index) {
            return Ok(position);
        }
        if self.choices.len() >= CHOICES_MAX {
            return Err(Unreadable);
        }
        self.choices.push(Answer { index, calls: 0, ended: false });
        Ok(self.choices.len().saturating_sub(1))
    }

    fn call(&mut self, choice: u32, item: Value<'_>, on_delta: OnDelta<'_>) -> Result<(), Unreadable> {
        let index = number(item)?;
        let function = item.field("function");
        let id = item.field("id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let known = self.calls.iter().rposition(|call| call.choice == choice && call.index == index);
        // An id may be repeated in every chunk. Another one under the same number is another call: Gemini's imitation
        // numbers all of them 0.
        let known = known.filter(|&position| {
            let call = self.calls.get(position);
            id.is_none_or(|id| call.is_some_and(|call| call.id == hash(id)))
        });
        let position = match known {
            Some(position) => position,
            None => self.begin_call(choice, index, id)?,
        };
        let part = |key| function.map_or(Text::from(""), |function| text(function, key));
        let (name, json) = (part("name"), part("arguments"));
        let Some(Call { call, nameless, .. }) = self.calls.get_mut(position) else { return Err(Unreadable) };
        if let Some(waiting) = nameless {
            if name.is_empty() {
                waiting.json.push_str(&json.plain());
                return if waiting.json.len() > NAMELESS_BYTES_MAX { Err(Unreadable) } else { Ok(()) };
            }
            waiting.begin(choice, *call, name, on_delta);
            *nameless = None;
        }
        if !json.is_empty() {
            on_delta(Delta::CallArguments { choice, call: *call, json });
        }
        Ok(())
    }

    /// Begins the calls of an answer that is about to end and never got a name.
    fn end_calls(&mut self, choice: u32, on_delta: OnDelta<'_>) {
        for call in self.calls.iter_mut().filter(|call| call.choice == choice) {
            if let Some(waiting) = call.nameless.take() {
                waiting.begin(choice, call.call, "".into(), on_delta);
            }
        }
    }

    /// Notes a new call, which begins once its name is there, and returns where it stands in `calls`.
    fn begin_call(&mut self, choice: u32, index: u32, id: Option<Str<'_>>) -> Result<usize, Unreadable> {
        let position = self.answer(choice)?;
        let answer = self.choices.get_mut(position).ok_or(Unreadable)?;
        if self.calls.len() >= CALLS_MAX {
            return Err(Unreadable);
        }
        let call = answer.calls;
        answer.calls = answer.calls.saturating_add(1);
        let named = id.map(|id| id.decode().into_owned());
        let named = named.unwrap_or_else(|| call_id(self.id, choice, call));
        let nameless = Some(Box::new(Nameless { id: named, json: String::new() }));
        self.calls.push(Call { choice, index, call, id: id.map_or(0, hash), nameless });
        Ok(self.calls.len().saturating_sub(1))
    }

    fn done(&mut self, on_delta: OnDelta<'_>) {
        if self.phase == Phase::Waiting {
            on_delta(Delta::Start { id: "".into(), model: "".into() });
        }
        self.phase = Phase::Closed;
        if self.choices.is_empty() {
            on_delta(Delta::Finish { choice: 0, finish: Finish::Stop });
        }
        for answer in std::mem::take(&mut self.choices).iter().filter(|answer| !answer.ended) {
            let finish = if answer.calls > 0 { Finish::ToolCalls } else { Finish::Stop };
            self.end_calls(answer.index, on_delta);
            on_delta(Delta::Finish { choice: answer.index, finish });
        }
        on_delta(Delta::End);
    }
}

impl Nameless {
    /// The call begins, with the arguments that came before its name.
    fn begin(&self, choice: u32, call: u32, name: Text<'_>, on_delta: OnDelta<'_>) {
        on_delta(Delta::CallStart { choice, call, id: self.id.as_str().into(), name });
        if !self.json.is_empty() {
            on_delta(Delta::CallArguments { choice, call, json: self.json.as_str().into() });
        }
    }
}

fn said(choice: u32, piece: Piece<'_>, on_delta: OnDelta<'_>) {
    match piece {
        Piece::Text(text) if !text.is_empty() => on_delta(Delta::Text { choice, text: text.into() }),
        Piece::Refusal(text) if !text.is_empty() => on_delta(Delta::Refusal { choice, text: text.into() }),
        Piece::Thinking(text) if !text.is_empty() => on_delta(Delta::Thinking { choice, text: text.into() }),
        Piece::Text(_) | Piece::Refusal(_) | Piece::Thinking(_) => {}
    }
}

/// The `index` of an answer or a call; 0 where a server that only has one leaves it out.
fn number(item: Value<'_>) -> Result<u32, Unreadable> {
    match item.field("index") {
        None => Ok(0),
        Some(value) => value.as_u64().and_then(|index| u32::try_from(index).ok()).ok_or(Unreadable),
    }
}

/// FNV-1a: tells the few ids of one stream apart without keeping them.
fn hash(id: Str<'_>) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    id.raw().bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
