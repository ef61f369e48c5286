//! Writing streams.

use super::{fixture, read_in_pieces, text_of};
use crate::chat::{Delta, ErrorClass, Failure, Finish, Usage};
use crate::dialects::openai_chat::{StreamReader, StreamWriter};
use crate::wire::sse;

const HEAD: &str =
    r#"{"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude","choices":["#;

fn start() -> Delta<'static> {
    Delta::Start { id: "msg_1".into(), model: "claude".into() }
}

fn written(deltas: &[Delta<'_>], usage: bool) -> String {
    let mut writer = StreamWriter::new(7, usage);
    let mut out = Vec::new();
    for delta in deltas {
        writer.write(delta, &mut out);
    }
    text_of(out)
}

/// The chunk of an answer: its number, its delta and its reason.
fn chunk(choice: u32, delta: &str, reason: &str, usage: &str) -> String {
    let answer = format!(r#"{{"index":{choice},"delta":{delta},"logprobs":null,"finish_reason":{reason}}}"#);
    format!("data: {HEAD}{answer}]{usage}}}\n\n")
}

const ROLE: &str = r#"{"role":"assistant","content":"","refusal":null}"#;

#[test]
fn a_reply_without_an_id_is_given_one() {
    let unnamed = Delta::Start { id: "".into(), model: "claude".into() };
    let text = Delta::Text { choice: 0, text: "a".into() };
    for steps in [vec![unnamed, text.clone()], vec![text]] {
        let stream = written(&steps, false);
        assert_eq!(stream.matches(r#"{"id":"chatcmpl-7","#).count(), 2, "{stream}");
    }
}

#[test]
fn each_step_becomes_a_chunk() {
    let cases = [
        (Delta::Text { choice: 0, text: "a\"b".into() }, r#"{"content":"a\"b"}"#),
        (Delta::Refusal { choice: 0, text: "no".into() }, r#"{"refusal":"no"}"#),
        (Delta::Thinking { choice: 0, text: "hm".into() }, r#"{"reasoning_content":"hm"}"#),
        (
            Delta::CallStart { choice: 0, call: 3, id: "c".into(), name: "f".into() },
            r#"{"tool_calls":[{"index":3,"id":"c","type":"function","function":{"name":"f","arguments":""}}]}"#,
        ),
        (
            Delta::CallArguments { choice: 0, call: 3, json: "{\"a\"".into() },
            r#"{"tool_calls":[{"index":3,"function":{"arguments":"{\"a\""}}]}"#,
        ),
    ];
    for (delta, expected) in cases {
        let expected = chunk(0, ROLE, "null", "") + &chunk(0, expected, "null", "");
        assert_eq!(written(&[start(), delta], false), expected);
    }
    for silent in [
        Delta::Signature { choice: 0, text: "s".into() },
        Delta::RedactedThinking { choice: 0, data: "s".into() },
        Delta::Usage(Usage::default()),
    ] {
        assert_eq!(written(&[start(), silent], false), chunk(0, ROLE, "null", ""));
    }
}

#[test]
fn every_answer_begins_with_its_role() {
    let text = |choice| Delta::Text { choice, text: "x".into() };
    let finish = Delta::Finish { choice: 2, finish: Finish::Length };
    let expected = [
        chunk(0, ROLE, "null", ""),
        chunk(1, ROLE, "null", ""),
        chunk(1, r#"{"content":"x"}"#, "null", ""),
        chunk(1, r#"{"content":"x"}"#, "null", ""),
        chunk(2, ROLE, "null", ""),
        chunk(2, "{}", "\"length\"", ""),
    ];
    assert_eq!(written(&[start(), text(1), text(1), finish], false), expected.concat());
}

#[test]
fn usage_comes_in_a_chunk_of_its_own_for_those_who_asked() {
    let deltas = |usage: Vec<Delta<'static>>| [vec![start()], usage, vec![Delta::End]].concat();
    let first = Delta::Usage(Usage { prompt: 1, ..Usage::default() });
    let second = Delta::Usage(Usage { prompt: 3, completion: 4, ..Usage::default() });
    let known = deltas(vec![first, second]);
    let usage = concat!(
        r#""usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"#,
        r#""prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}"#,
    );
    let done = "data: [DONE]\n\n";
    let expected = format!("{}data: {HEAD}],{usage}}}\n\n{done}", chunk(0, ROLE, "null", ",\"usage\":null"));
    assert_eq!(written(&known, true), expected);
    assert_eq!(written(&known, false), chunk(0, ROLE, "null", "") + done);
    let unknown = chunk(0, ROLE, "null", ",\"usage\":null") + done;
    assert_eq!(written(&deltas(vec![]), true), unknown);
}

#[test]
fn an_error_ends_the_stream_without_a_done() {
    let failure = Failure {
        status: 502,
        class: ErrorClass::Server,
        code: "broken_off".into(),
        message: "the provider broke off".into(),
        param: "".into(),
    };
    let error = r#"{"error":{"message":"the provider broke off","type":"server_error","param":null,"code":"broken_off"}}"#;
    let deltas = [start(), Delta::Failed(failure.clone()), Delta::End];
    assert_eq!(
        written(&deltas, true),
        chunk(0, ROLE, "null", ",\"usage\":null") + &format!("data: {error}\n\n")
    );
    assert_eq!(written(&[Delta::Failed(failure)], false), format!("data: {error}\n\n"));
}

#[test]
fn nothing_is_written_behind_the_end() {
    let more = Delta::Text { choice: 0, text: "x".into() };
    let whole = written(&[start(), Delta::End, more, Delta::End], false);
    assert_eq!(whole, chunk(0, ROLE, "null", "") + "data: [DONE]\n\n");
}

#[test]
fn every_fixture_written_again_reads_the_same() {
    let names = [
        "plain",
        "parallel_calls",
        "usage_with_choices",
        "reasoning",
        "refusal",
        "two_answers",
        "error",
        "cut_off",
    ];
    for name in names {
        let stream = fixture(&format!("streams/{name}.sse"));
        let (mut reader, mut decoder) = (StreamReader::default(), sse::Decoder::new(1 << 20));
        let (mut writer, mut out) = (StreamWriter::new(7, true), Vec::new());
        decoder
            .push(stream.as_bytes(), |event| {
                reader.read(event, &mut |delta| writer.write(&delta, &mut out)).expect("a chunk");
            })
            .expect("no event over the bound");
        assert_eq!(read_in_pieces(&out, &[]), read_in_pieces(stream.as_bytes(), &[]), "{name}");
    }
}
