//! A stream for a client: `message_start`, blocks with rising indexes and one open at a time, `message_delta` with the
//! reason and all tokens, `message_stop`. Whatever the order of the steps, the events are in a legal order.
//!
//! Why it ended is told at the very end, since the tokens that belong to it may come behind the reason.

use std::borrow::Cow;

use super::calls::{Kept, Said, Scan, Waiting};
use super::failure::write_failure;
use super::finish::{Held, stop_reason};
use super::usage::write_usage;
use super::write_parts::{is_blank, write_id};
use crate::chat::{Delta, ErrorClass, Failure, Finish, Text, Usage};
use crate::wire::json::{Array, Object};

/// Writes one stream for a client. Only the first answer is told; more cannot be asked for.
#[derive(Debug, Default)]
pub struct StreamWriter {
    phase: Phase,
    block: Block,
    /// The index of the next block to be opened.
    index: u64,
    holds: Held,
    usage: Usage,
    finish: Option<Finish<'static>>,
    waiting: Waiting,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Before,
    Running,
    Ended,
}

/// The open block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Block {
    #[default]
    None,
    Text,
    Thinking,
    Call(u32, Scan),
}

impl StreamWriter {
    /// Writes what one step becomes; may be nothing.
    pub fn write(&mut self, delta: &Delta<'_>, out: &mut Vec<u8>) {
        if self.phase == Phase::Ended {
            return;
        }
        match delta {
            Delta::Start { id, model } => self.start(id, model, out),
            Delta::Text { choice: 0, text } => self.text(text, out),
            Delta::Refusal { choice: 0, text } => {
                if self.holds == Held::Words {
                    self.holds = Held::Refusal;
                }
                self.text(text, out);
            }
            Delta::Thinking { choice: 0, text } => self.thinking(text, out),
            Delta::Signature { choice: 0, text } => self.signature(text, out),
            Delta::RedactedThinking { choice: 0, data } => self.redacted(data, out),
            Delta::CallStart { choice: 0, call, id, name } => self.begin_call(*call, id, name, out),
            Delta::CallArguments { choice: 0, call, json } => self.go_on_with_call(*call, json, out),
            Delta::Finish { choice: 0, finish } => self.finish = Some(owned(finish)),
            Delta::Usage(usage) => self.usage = *usage,
            Delta::End => self.end(out),
            Delta::Failed(failure) => self.fail(failure, out),
            // Another answer than the first.
            Delta::Text { .. }
            | Delta::Refusal { .. }
            | Delta::Thinking { .. }
            | Delta::Signature { .. }
            | Delta::RedactedThinking { .. }
            | Delta::CallStart { .. }
            | Delta::CallArguments { .. }
            | Delta::Finish { .. } => {}
        }
    }

    fn start(&mut self, id: &Text<'_>, model: &Text<'_>, out: &mut Vec<u8>) {
        if self.phase != Phase::Before {
            return;
        }
        self.phase = Phase::Running;
        let unknown = Text::from("msg_unknown");
        let id = if id.is_empty() { &unknown } else { id };
        event("message_start", out, |event| {
            let mut message = Object::open(event.key("message"));
            id.write(message.key("id"));
            message.raw("type", "\"message\"").raw("role", "\"assistant\"");
            model.write(message.key("model"));
            Array::open(message.key("content")).close();
            message.raw("stop_reason", "null").raw("stop_sequence", "null");
            write_usage(self.usage, message.key("usage"));
            message.close();
        });
    }

    fn text(&mut self, text: &Text<'_>, out: &mut Vec<u8>) {
        if text.is_empty() || (self.is_in_call() && self.waiting.say(text) == Kept::Yes) {
            return;
        }
        if self.block != Block::Text {
            self.leave(out);
            self.open(Block::Text, out, |block| {
                block.raw("type", "\"text\"").raw("text", "\"\"");
            });
        }
        self.piece("\"text_delta\"", "text", text, out);
    }

    fn thinking(&mut self, text: &Text<'_>, out: &mut Vec<u8>) {
        if text.is_empty() || (self.is_in_call() && self.waiting.think(text) == Kept::Yes) {
            return;
        }
        self.enter_thinking(out);
        self.piece("\"thinking_delta\"", "thinking", text, out);
    }

    /// Whether the open block is a call whose arguments are not whole. What is said meanwhile waits: pieces of the
    /// call may follow, and a block that was closed cannot be opened again.
    fn is_in_call(&self) -> bool {
        matches!(self.block, Block::Call(_, scan) if !scan.is_whole())
    }

    /// The signature is the last of its block; further thinking is another.
    fn signature(&mut self, text: &Text<'_>, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        self.enter_thinking(out);
        self.piece("\"signature_delta\"", "signature", text, out);
        self.leave(out);
    }

    fn enter_thinking(&mut self, out: &mut Vec<u8>) {
        if self.block != Block::Thinking {
            self.leave(out);
            self.open(Block::Thinking, out, |block| {
                block.raw("type", "\"thinking\"").raw("thinking", "\"\"").raw("signature", "\"\"");
            });
        }
    }

    fn redacted(&mut self, data: &Text<'_>, out: &mut Vec<u8>) {
        self.leave(out);
        // Told whole with its start.
        self.open(Block::Thinking, out, |block| {
            block.raw("type", "\"redacted_thinking\"");
            data.write(block.key("data"));
        });
        self.close(out);
    }

    fn begin_call(&mut self, call: u32, id: &Text<'_>, name: &Text<'_>, out: &mut Vec<u8>) {
        self.holds = Held::Call;
        if self.is_in_call() {
            let kept = self.waiting.begin(call, id, name);
            return self.check(kept, out);
        }
        self.close(out);
        self.open_call(call, id, name, out);
    }

    fn go_on_with_call(&mut self, call: u32, json: &Text<'_>, out: &mut Vec<u8>) {
        if json.is_empty() {
            return;
        }
        match &mut self.block {
            Block::Call(open, scan) if *open == call => {
                scan.feed(json);
                self.piece("\"input_json_delta\"", "partial_json", json, out);
                self.promote(out);
            }
            Block::Call(..) | Block::None | Block::Text | Block::Thinking => {
                let kept = self.waiting.extend(call, json);
                // White space behind a call that was told whole says nothing.
                if kept != Kept::Unknown || !is_blank(json) {
                    self.check(kept, out);
                }
            }
        }
    }

    /// While the open call is whole, the next one takes its place, and behind the last one what was said meanwhile.
    fn promote(&mut self, out: &mut Vec<u8>) {
        while !self.is_in_call() {
            let Some(held) = self.waiting.next() else { return self.tell_said(out) };
            self.close(out);
            self.tell_held(held, out);
        }
    }

    fn tell_said(&mut self, out: &mut Vec<u8>) {
        for said in self.waiting.take_said() {
            self.close(out);
            match said {
                // A block of white space alone says nothing, and Anthropic refuses to be sent it back.
                Said::Text(text) if text.trim_ascii().is_empty() => {}
                Said::Text(text) => self.text(&Text::owned(text), out),
                Said::Thinking(text) => self.thinking(&Text::owned(text), out),
            }
        }
    }

    fn tell_held(&mut self, held: super::calls::Held, out: &mut Vec<u8>) {
        let json = Text::from(held.json.as_str());
        self.open_call(held.call, &Text::from(held.id.as_str()), &Text::from(held.name.as_str()), out);
        if let (Block::Call(_, scan), false) = (&mut self.block, json.is_empty()) {
            scan.feed(&json);
            self.piece("\"input_json_delta\"", "partial_json", &json, out);
        }
    }

    fn open_call(&mut self, call: u32, id: &Text<'_>, name: &Text<'_>, out: &mut Vec<u8>) {
        self.open(Block::Call(call, Scan::default()), out, |block| {
            block.raw("type", "\"tool_use\"");
            write_id(id, block.key("id"));
            name.write(block.key("name"));
            Object::open(block.key("input")).close();
        });
    }

    /// Ends the stream with an error if a piece of a call could not be kept: what is missing would change the call.
    fn check(&mut self, kept: Kept, out: &mut Vec<u8>) {
        match kept {
            Kept::Yes => {}
            Kept::Unknown | Kept::TooMuch => self.fail(
                &Failure {
                    status: 502,
                    class: ErrorClass::Server,
                    code: Cow::Borrowed(""),
                    message: Cow::Borrowed("the provider's tool calls cannot be put in order"),
                    param: Cow::Borrowed(""),
                },
                out,
            ),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.leave(out);
        self.begin(out);
        self.phase = Phase::Ended;
        let finish = self.finish.take().unwrap_or(Finish::Stop);
        event("message_delta", out, |event| {
            let mut delta = Object::open(event.key("delta"));
            delta.string("stop_reason", stop_reason(&finish, self.holds));
            match &finish {
                Finish::StopText(Some(text)) => text.write(delta.key("stop_sequence")),
                Finish::StopText(None)
                | Finish::Stop
                | Finish::Length
                | Finish::ToolCalls
                | Finish::Filtered => {
                    delta.raw("stop_sequence", "null");
                }
            }
            delta.close();
            write_usage(self.usage, event.key("usage"));
        });
        event("message_stop", out, |_| {});
    }

    fn fail(&mut self, failure: &Failure<'_>, out: &mut Vec<u8>) {
        self.phase = Phase::Ended;
        out.extend_from_slice(b"event: error\ndata: ");
        write_failure(failure, out);
        out.extend_from_slice(b"\n\n");
    }

    /// Writes `message_start` if the provider's stream began without saying who it is.
    fn begin(&mut self, out: &mut Vec<u8>) {
        self.start(&Text::from(""), &Text::from(""), out);
    }

    /// Ends the open block, and tells everything that waited for it.
    fn leave(&mut self, out: &mut Vec<u8>) {
        self.close(out);
        while let Some(held) = self.waiting.next() {
            self.tell_held(held, out);
            self.close(out);
        }
        self.tell_said(out);
        self.close(out);
    }

    fn open(&mut self, block: Block, out: &mut Vec<u8>, content: impl FnOnce(&mut Object<'_>)) {
        self.begin(out);
        self.block = block;
        event("content_block_start", out, |event| {
            event.number("index", self.index);
            let mut block = Object::open(event.key("content_block"));
            content(&mut block);
            block.close();
        });
        self.index = self.index.saturating_add(1);
    }

    /// Ends the open block. A call that was told no arguments is told an empty object, for clients that read the
    /// pieces as JSON.
    fn close(&mut self, out: &mut Vec<u8>) {
        if matches!(self.block, Block::Call(_, scan) if scan.is_blank()) {
            self.piece("\"input_json_delta\"", "partial_json", &Text::from("{}"), out);
        }
        if self.block != Block::None {
            self.block = Block::None;
            event("content_block_stop", out, |event| {
                event.number("index", self.index.saturating_sub(1));
            });
        }
    }

    /// A piece of the open block.
    fn piece(&self, kind: &str, name: &'static str, text: &Text<'_>, out: &mut Vec<u8>) {
        event("content_block_delta", out, |event| {
            event.number("index", self.index.saturating_sub(1));
            let mut delta = Object::open(event.key("delta"));
            delta.raw("type", kind);
            text.write(delta.key(name));
            delta.close();
        });
    }
}

/// Writes one event called `name`.
fn event(name: &'static str, out: &mut Vec<u8>, content: impl FnOnce(&mut Object<'_>)) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    let mut data = Object::open(out);
    data.string("type", name);
    content(&mut data);
    data.close();
    out.extend_from_slice(b"\n\n");
}

fn owned(finish: &Finish<'_>) -> Finish<'static> {
    match finish {
        Finish::Stop => Finish::Stop,
        Finish::StopText(text) => {
            Finish::StopText(text.as_ref().map(|text| Text::owned(text.plain().into_owned())))
        }
        Finish::Length => Finish::Length,
        Finish::ToolCalls => Finish::ToolCalls,
        Finish::Filtered => Finish::Filtered,
    }
}
