//! OpenAI's answers: a `chat.completion`, or its chunks as events.

use crate::answer::{Answer, Call, Finish, Usage};
use crate::body::Event;
use crate::script::Script;
use crate::shape::quote;
use crate::turn::Turn;

const ID: &str = r#""id":"chatcmpl-scripted0001""#;
const MADE: &str = r#""created":1700000000"#;
const TAIL: &str = r#""service_tier":"default","system_fingerprint":"fp_scripted""#;

/// The answer as one JSON document.
pub fn json(turn: &Turn, answer: &Answer, script: &Script) -> String {
    let message = message(answer);
    let choices: Vec<String> = (0..turn.limits.choices)
        .map(|i| {
            let finish = finish(&answer.finish);
            format!(r#"{{"index":{i},"message":{message},"logprobs":null,"finish_reason":"{finish}"}}"#)
        })
        .collect();
    let usage = if script.quirks.no_usage {
        String::new()
    } else {
        format!(r#""usage":{},"#, usage(turn, &answer.usage))
    };
    format!(
        r#"{{{ID},"object":"chat.completion",{MADE},"model":{},"choices":[{}],{usage}{TAIL}}}"#,
        quote(&turn.model),
        choices.join(","),
    )
}

fn message(answer: &Answer) -> String {
    let text = answer.text();
    let refused = answer.finish == Finish::Refusal;
    let content = if text.is_empty() || refused { "null".to_owned() } else { quote(&text) };
    let refusal = if refused { quote(&text) } else { "null".to_owned() };
    let thinking = answer.thinking.as_ref();
    let thinking = thinking.map_or(String::new(), |text| format!(r#","reasoning_content":{}"#, quote(text)));
    let calls: Vec<String> = answer.calls.iter().map(|call| tool_call(call, &call.input, "")).collect();
    let calls =
        if calls.is_empty() { String::new() } else { format!(r#","tool_calls":[{}]"#, calls.join(",")) };
    format!(
        r#"{{"role":"assistant","content":{content}{thinking}{calls},"refusal":{refusal},"annotations":[]}}"#
    )
}

fn tool_call(call: &Call, input: &str, before: &str) -> String {
    format!(
        r#"{{{before}"id":"call_scripted{}","type":"function","function":{{"name":{},"arguments":{}}}}}"#,
        call.index,
        quote(&call.name),
        quote(input),
    )
}

fn finish(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Refusal => "stop",
        Finish::Length => "length",
        Finish::Calls => "tool_calls",
    }
}

fn usage(turn: &Turn, usage: &Usage) -> String {
    let completion = usage.completion * turn.limits.choices;
    format!(
        concat!(
            r#"{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{},"#,
            r#""prompt_tokens_details":{{"cached_tokens":{},"audio_tokens":0}},"#,
            r#""completion_tokens_details":{{"reasoning_tokens":{},"audio_tokens":0,"#,
            r#""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}}"#
        ),
        usage.prompt,
        completion,
        usage.prompt + completion,
        usage.cache_read,
        usage.reasoning,
    )
}

/// The answer as events, the terminal `[DONE]` included.
pub fn events(turn: &Turn, answer: &Answer, script: &Script) -> Vec<Event> {
    let refused = answer.finish == Finish::Refusal;
    let mut deltas = vec![Delta::new(format!(
        r#""role":"assistant","content":{},"refusal":null"#,
        if answer.calls.is_empty() && !refused { r#""""# } else { "null" }
    ))];
    deltas.extend(
        answer.thinking.iter().map(|text| Delta::new(format!(r#""reasoning_content":{}"#, quote(text)))),
    );
    let key = if refused { "refusal" } else { "content" };
    deltas.extend(answer.pieces.iter().map(|piece| Delta::text(format!(r#""{key}":{}"#, quote(piece)))));
    for call in &answer.calls {
        let index = format!(r#""index":{},"#, call.index);
        deltas.push(Delta::text(format!(r#""tool_calls":[{}]"#, tool_call(call, "", &index))));
        deltas.extend(halves(&call.input).map(|half| {
            Delta::text(format!(r#""tool_calls":[{{{index}"function":{{"arguments":{}}}}}]"#, quote(half)))
        }));
    }
    let mut events = Vec::new();
    for delta in &deltas {
        for i in 0..turn.limits.choices {
            events.push(chunk(turn, &choice(i, &delta.fields, "null"), "null", delta.content));
        }
    }
    ends(turn, answer, script, &mut events);
    events
}

struct Delta {
    fields: String,
    content: bool,
}

impl Delta {
    fn new(fields: String) -> Self {
        Self { fields, content: false }
    }

    fn text(fields: String) -> Self {
        Self { fields, content: true }
    }
}

fn ends(turn: &Turn, answer: &Answer, script: &Script, events: &mut Vec<Event>) {
    let finish = format!(r#""{}""#, finish(&answer.finish));
    let used = usage(turn, &answer.usage);
    let with_choices = script.quirks.usage_with_choices;
    for i in 0..turn.limits.choices {
        let last = i + 1 == turn.limits.choices;
        let usage = if with_choices && last { used.as_str() } else { "null" };
        events.push(chunk(turn, &choice(i, "", &finish), usage, false));
    }
    if turn.include_usage && !script.quirks.no_usage && !with_choices {
        events.push(chunk(turn, "", &used, false));
    }
    events.push(Event { name: None, data: "[DONE]".into(), content: false });
}

fn choice(index: usize, delta: &str, finish: &str) -> String {
    format!(r#"{{"index":{index},"delta":{{{delta}}},"logprobs":null,"finish_reason":{finish}}}"#)
}

fn chunk(turn: &Turn, choice: &str, usage: &str, content: bool) -> Event {
    let usage =
        if turn.include_usage || usage != "null" { format!(r#","usage":{usage}"#) } else { String::new() };
    let data = format!(
        r#"{{{ID},"object":"chat.completion.chunk",{MADE},"model":{},{TAIL},"choices":[{choice}]{usage}}}"#,
        quote(&turn.model),
    );
    Event { name: None, data, content }
}

/// The text in two parts, so that arguments arrive in pieces.
pub fn halves(text: &str) -> impl Iterator<Item = &str> {
    let middle = (text.len() / 2..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (first, second) = text.split_at(middle);
    [first, second].into_iter().filter(|half| !half.is_empty())
}

/// The in-band error of a stream that goes wrong.
pub fn error_event(message: &str) -> Event {
    Event { name: None, data: super::error(500, message, None), content: false }
}
