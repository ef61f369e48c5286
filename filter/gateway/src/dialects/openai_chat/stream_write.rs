//! Writing a stream for a client: one chunk per event, `[DONE]` at the end, or an error event and then nothing.
//!
//! The official clients raise an error on an event whose data has an `error` (`openai` 3.54, `_streaming.py`), and take
//! `[DONE]` for a complete reply, so it never follows an error.

use crate::chat::{Delta, Finish, Text, Usage};
use crate::wire::json::{Object, write_number, write_string};

use super::failure::write_failure;
use super::reply_read::finish_word;
use super::usage::write_usage;

/// Writes the chunks of one stream.
#[derive(Debug)]
pub struct StreamWriter {
    created: u64,
    usage: UsageEvent,
    /// How every chunk begins: up to where the answer's number stands.
    head: Vec<u8>,
    /// One bit for each of the first 128 answers: whether its first chunk, which names the role, was written.
    spoken: u128,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UsageEvent {
    NotWanted,
    /// With what is known of it.
    Wanted(Option<Usage>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    Closed,
}

impl StreamWriter {
    /// A writer for one stream. `created` is the time in seconds since 1970; `usage` tells whether the client asked
    /// for a usage event.
    pub fn new(created: u64, usage: bool) -> Self {
        let usage = if usage { UsageEvent::Wanted(None) } else { UsageEvent::NotWanted };
        let mut writer = Self { created, usage, head: Vec::new(), spoken: 0, phase: Phase::Open };
        writer.name(&"".into(), &"".into());
        writer
    }

    /// Writes what one step becomes; may be nothing yet. After [`Delta::End`] or [`Delta::Failed`] it writes no more.
    pub fn write(&mut self, delta: &Delta<'_>, out: &mut Vec<u8>) {
        if self.phase == Phase::Closed {
            return;
        }
        match delta {
            Delta::Start { id, model } => {
                self.name(id, model);
                self.speak(0, out);
            }
            Delta::Text { choice, text } => self.string(*choice, b"{\"content\":\"", text, b"\"}", out),
            Delta::Refusal { choice, text } => self.string(*choice, b"{\"refusal\":\"", text, b"\"}", out),
            Delta::Thinking { choice, text } => {
                self.string(*choice, b"{\"reasoning_content\":\"", text, b"\"}", out)
            }
            Delta::CallStart { choice, call, id, name } => self.call_start(*choice, *call, (id, name), out),
            Delta::CallArguments { choice, call, json } => self.call_arguments(*choice, *call, json, out),
            Delta::Finish { choice, finish } => self.finish(*choice, finish, out),
            Delta::Usage(usage) => {
                if let UsageEvent::Wanted(known) = &mut self.usage {
                    *known = Some(*usage);
                }
            }
            // This dialect has no words for them.
            Delta::Signature { .. } | Delta::RedactedThinking { .. } => {}
            Delta::End => self.end(out),
            Delta::Failed(failure) => {
                self.phase = Phase::Closed;
                out.extend_from_slice(b"data: ");
                write_failure(failure, out);
                out.extend_from_slice(b"\n\n");
            }
        }
    }

    /// Prepares how chunks begin.
    fn name(&mut self, id: &Text<'_>, model: &Text<'_>) {
        self.head.clear();
        self.head.extend_from_slice(b"data: ");
        let mut chunk = Object::open(&mut self.head);
        if id.is_empty() {
            // A client may tell replies apart by it.
            chunk.string("id", &format!("chatcmpl-{}", self.created));
        } else {
            id.write(chunk.key("id"));
        }
        chunk.string("object", "chat.completion.chunk").number("created", self.created);
        model.write(chunk.key("model"));
        chunk.raw("choices", "[");
    }

    /// Writes the first chunk of an answer, if it was not written.
    fn speak(&mut self, choice: u32, out: &mut Vec<u8>) {
        let bit = 1u128.checked_shl(choice).unwrap_or(0);
        if bit == 0 || self.spoken & bit != 0 {
            return;
        }
        self.spoken |= bit;
        self.open(choice, out);
        out.extend_from_slice(br#"{"role":"assistant","content":"","refusal":null}"#);
        self.close("", out);
    }

    fn open(&self, choice: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"{\"index\":");
        write_number(out, u64::from(choice));
        out.extend_from_slice(b",\"delta\":");
    }

    /// Ends a chunk; an empty `reason` is that of a chunk that does not end its answer.
    fn close(&self, reason: &'static str, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"logprobs\":null,\"finish_reason\":");
        if reason.is_empty() {
            out.extend_from_slice(b"null}]");
        } else {
            write_string(out, reason);
            out.extend_from_slice(b"}]");
        }
        match self.usage {
            UsageEvent::NotWanted => {}
            UsageEvent::Wanted(_) => out.extend_from_slice(b",\"usage\":null"),
        }
        out.extend_from_slice(b"}\n\n");
    }

    /// Writes a chunk whose delta is `before`, `text` and `behind`.
    fn string(&mut self, choice: u32, before: &[u8], text: &Text<'_>, behind: &[u8], out: &mut Vec<u8>) {
        self.speak(choice, out);
        self.open(choice, out);
        out.extend_from_slice(before);
        text.write_inside(out);
        out.extend_from_slice(behind);
        self.close("", out);
    }

    fn call_start(&mut self, choice: u32, call: u32, (id, name): (&Text<'_>, &Text<'_>), out: &mut Vec<u8>) {
        self.speak(choice, out);
        self.open(choice, out);
        out.extend_from_slice(b"{\"tool_calls\":[{\"index\":");
        write_number(out, u64::from(call));
        out.extend_from_slice(b",\"id\":");
        id.write(out);
        out.extend_from_slice(b",\"type\":\"function\",\"function\":{\"name\":");
        name.write(out);
        out.extend_from_slice(b",\"arguments\":\"\"}}]}");
        self.close("", out);
    }

    fn call_arguments(&mut self, choice: u32, call: u32, json: &Text<'_>, out: &mut Vec<u8>) {
        self.speak(choice, out);
        self.open(choice, out);
        out.extend_from_slice(b"{\"tool_calls\":[{\"index\":");
        write_number(out, u64::from(call));
        out.extend_from_slice(b",\"function\":{\"arguments\":");
        json.write(out);
        out.extend_from_slice(b"}}]}");
        self.close("", out);
    }

    fn finish(&mut self, choice: u32, finish: &Finish<'_>, out: &mut Vec<u8>) {
        self.speak(choice, out);
        self.open(choice, out);
        out.extend_from_slice(b"{}");
        self.close(finish_word(finish), out);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.phase = Phase::Closed;
        if let UsageEvent::Wanted(Some(usage)) = &self.usage {
            out.extend_from_slice(&self.head);
            out.extend_from_slice(b"],\"usage\":");
            write_usage(usage, out);
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}
