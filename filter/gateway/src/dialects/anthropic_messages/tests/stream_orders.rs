//! Whatever the order of the steps, a client gets a legal stream: many made-up orders, checked by the rules of the
//! protocol as a client's SDK relies on them.

use crate::chat::{Delta, Finish, Usage};
use crate::dialects::anthropic_messages::StreamWriter;
use crate::wire::json::{Document, Value};
use crate::wire::sse;

/// Numbers that are the same in every run (the constants are Knuth's for MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A step of any kind; calls are told in whole objects or in halves.
fn step(numbers: &mut Numbers) -> Delta<'static> {
    let (choice, call) = (u32::from(numbers.below(8) == 0), numbers.below(4) as u32);
    match numbers.below(12) {
        0 => Delta::Start { id: "i".into(), model: "m".into() },
        1 => Delta::Text { choice, text: "a".into() },
        2 => Delta::Text { choice, text: "".into() },
        3 => Delta::Refusal { choice, text: "no".into() },
        4 => Delta::Thinking { choice, text: "hm".into() },
        5 => Delta::Signature { choice, text: "s".into() },
        6 => Delta::RedactedThinking { choice, data: "d".into() },
        7 | 8 => Delta::CallStart { choice, call, id: "t".into(), name: "f".into() },
        9 => Delta::CallArguments {
            choice,
            call,
            json: ["{}", "{\"a\":", "1}", ""][numbers.below(4) as usize].into(),
        },
        10 => Delta::Finish { choice, finish: Finish::Stop },
        _ => Delta::Usage(Usage { prompt: 1, completion: 2, ..Usage::default() }),
    }
}

/// What a client knows while it reads.
#[derive(Default)]
struct Client {
    started: bool,
    ended: bool,
    open: Option<(u64, String)>,
    blocks: u64,
}

impl Client {
    fn read(&mut self, event: Value<'_>) {
        assert!(!self.ended, "nothing follows the end");
        let text =
            |value: Value<'_>, name| value.get(name).and_then(Value::as_str).unwrap().decode().into_owned();
        let index = event.get("index").and_then(Value::as_u64);
        match text(event, "type").as_str() {
            "message_start" => assert!(!std::mem::replace(&mut self.started, true), "one start"),
            "content_block_start" => {
                assert!(self.started && self.open.is_none(), "one block at a time");
                assert_eq!(index, Some(self.blocks), "indexes rise by one");
                self.open = Some((self.blocks, text(event.get("content_block").unwrap(), "type")));
                self.blocks += 1;
            }
            "content_block_delta" => {
                let (open, kind) = self.open.as_ref().expect("a piece of an open block");
                assert_eq!(index, Some(*open));
                let piece = text(event.get("delta").unwrap(), "type");
                let fits: &[&str] = match kind.as_str() {
                    "text" => &["text_delta"],
                    "thinking" => &["thinking_delta", "signature_delta"],
                    "tool_use" => &["input_json_delta"],
                    _ => &[],
                };
                assert!(fits.contains(&piece.as_str()), "{piece} in {kind}");
            }
            "content_block_stop" => assert_eq!(index, self.open.take().map(|(open, _)| open)),
            "message_delta" => {
                assert!(self.started && self.open.is_none(), "the end comes behind the blocks")
            }
            "message_stop" | "error" => self.ended = true,
            other => panic!("{other} is no event of the protocol"),
        }
    }
}

#[test]
fn any_order_of_steps_becomes_a_legal_stream() {
    let mut numbers = Numbers(1);
    let mut failed = 0;
    for _ in 0..3000 {
        let (mut writer, mut out, mut client) = (StreamWriter::default(), Vec::new(), Client::default());
        for _ in 0..numbers.below(25) {
            writer.write(&step(&mut numbers), &mut out);
        }
        writer.write(&Delta::End, &mut out);
        sse::Decoder::new(1 << 20)
            .push(&out, |event| {
                let data = event.data().expect("data");
                client.read(Document::parse(&data).expect("JSON").root());
            })
            .expect("short events");
        assert!(client.ended, "every stream ends");
        failed += usize::from(out.windows(12).any(|window| window == b"event: error"));
    }
    // Some orders cannot be told, such as a piece of a call that never began; most can.
    assert!((1..2400).contains(&failed), "{failed} of 3000 failed");
}
