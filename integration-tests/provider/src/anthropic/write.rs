//! Anthropic's answers: a `message`, or its named events.

use crate::answer::{Answer, Call, Finish, Usage};
use crate::body::Event;
use crate::openai::halves;
use crate::script::Script;
use crate::shape::quote;
use crate::turn::Turn;

const ID: &str = r#""id":"msg_scripted0001","type":"message","role":"assistant""#;
const SIGNATURE: &str = "c2NyaXB0ZWQtc2lnbmF0dXJl";

/// The answer as one JSON document.
pub fn json(turn: &Turn, answer: &Answer, script: &Script) -> String {
    let mut blocks = Vec::new();
    if let Some(text) = &answer.thinking {
        blocks.push(format!(r#"{{"type":"thinking","thinking":{},"signature":"{SIGNATURE}"}}"#, quote(text)));
    }
    if !answer.pieces.is_empty() {
        blocks.push(format!(r#"{{"type":"text","text":{}}}"#, quote(&answer.text())));
    }
    blocks.extend(answer.calls.iter().map(|call| tool_use(call, &call.input)));
    let usage = if script.quirks.no_usage {
        String::new()
    } else {
        format!(r#","usage":{}"#, input_usage(&answer.usage, answer.usage.completion))
    };
    format!(
        r#"{{"model":{},{ID},"content":[{}],{}{usage}}}"#,
        quote(&turn.model),
        blocks.join(","),
        stop(&answer.finish),
    )
}

fn tool_use(call: &Call, input: &str) -> String {
    format!(
        r#"{{"type":"tool_use","id":"toolu_scripted{}","name":{},"input":{input}}}"#,
        call.index,
        quote(&call.name)
    )
}

fn stop(finish: &Finish) -> String {
    let (reason, sequence) = match finish {
        Finish::Stop => ("end_turn", "null".to_owned()),
        Finish::StopSequence(sequence) => ("stop_sequence", quote(sequence)),
        Finish::Length => ("max_tokens", "null".to_owned()),
        Finish::Calls => ("tool_use", "null".to_owned()),
        Finish::Refusal => ("refusal", "null".to_owned()),
    };
    format!(r#""stop_reason":"{reason}","stop_sequence":{sequence}"#)
}

fn input_usage(usage: &Usage, output: usize) -> String {
    let input = usage.prompt.saturating_sub(usage.cache_read + usage.cache_written);
    format!(
        concat!(
            r#"{{"input_tokens":{},"cache_creation_input_tokens":{},"cache_read_input_tokens":{},"#,
            r#""cache_creation":{{"ephemeral_5m_input_tokens":{},"ephemeral_1h_input_tokens":0}},"#,
            r#""output_tokens":{},"service_tier":"standard"}}"#
        ),
        input, usage.cache_written, usage.cache_read, usage.cache_written, output,
    )
}

/// The answer as events, the terminal `message_stop` included.
pub fn events(turn: &Turn, answer: &Answer, script: &Script) -> Vec<Event> {
    let usage = if script.quirks.no_usage {
        String::new()
    } else {
        format!(r#","usage":{}"#, input_usage(&answer.usage, 1))
    };
    let start = format!(
        r#""message":{{"model":{},{ID},"content":[],"stop_reason":null,"stop_sequence":null{usage}}}"#,
        quote(&turn.model),
    );
    let mut events = vec![event("message_start", &start)];
    let mut index = 0;
    if let Some(text) = &answer.thinking {
        let deltas = [
            format!(r#"{{"type":"thinking_delta","thinking":{}}}"#, quote(text)),
            format!(r#"{{"type":"signature_delta","signature":"{SIGNATURE}"}}"#),
        ];
        block(&mut events, &mut index, r#"{"type":"thinking","thinking":"","signature":""}"#, deltas);
    }
    if !answer.pieces.is_empty() {
        let deltas =
            answer.pieces.iter().map(|piece| format!(r#"{{"type":"text_delta","text":{}}}"#, quote(piece)));
        block(&mut events, &mut index, r#"{"type":"text","text":""}"#, deltas);
    }
    for call in &answer.calls {
        let pieces = std::iter::once("").chain(halves(&call.input));
        let deltas =
            pieces.map(|half| format!(r#"{{"type":"input_json_delta","partial_json":{}}}"#, quote(half)));
        block(&mut events, &mut index, &tool_use(call, "{}"), deltas);
    }
    events.insert(events.len().min(2), event("ping", ""));
    let usage = if script.quirks.no_usage {
        String::new()
    } else {
        format!(r#","usage":{{"output_tokens":{}}}"#, answer.usage.completion)
    };
    events.push(event("message_delta", &format!(r#""delta":{{{}}}{usage}"#, stop(&answer.finish))));
    events.push(event("message_stop", ""));
    events
}

fn block(events: &mut Vec<Event>, index: &mut usize, start: &str, deltas: impl IntoIterator<Item = String>) {
    let at = *index;
    events.push(event("content_block_start", &format!(r#""index":{at},"content_block":{start}"#)));
    for delta in deltas {
        let fields = format!(r#""index":{at},"delta":{delta}"#);
        events.push(Event { content: true, ..event("content_block_delta", &fields) });
    }
    events.push(event("content_block_stop", &format!(r#""index":{at}"#)));
    *index += 1;
}

fn event(name: &'static str, fields: &str) -> Event {
    let comma = if fields.is_empty() { "" } else { "," };
    Event { name: Some(name), data: format!(r#"{{"type":"{name}"{comma}{fields}}}"#), content: false }
}

/// The in-band error of a stream that goes wrong.
pub fn error_event(message: &str) -> Event {
    Event { name: Some("error"), data: super::error(529, message), content: false }
}
