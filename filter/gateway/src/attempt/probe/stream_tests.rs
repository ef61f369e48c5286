//! When a stream has shown what it is, and what that is, however it is cut.

use super::{Beginning, PROBE_BYTES_MAX, StreamProbe};
use crate::dialects::Dialect;

use Dialect::{AnthropicMessages, OpenaiChat};

fn words(beginning: &Beginning) -> String {
    match beginning {
        Beginning::Unknown => "unknown".to_owned(),
        Beginning::Sound => "sound".to_owned(),
        Beginning::Failed(failure) => format!("{} {}", failure.status, failure.message),
    }
}

/// What `stream` is when it is seen up to each of `ends`, and up to which of them it was looked at.
fn seen(dialect: Dialect, stream: &str, ends: impl IntoIterator<Item = usize>) -> (String, usize) {
    let (mut probe, mut last) = (StreamProbe::new(dialect), 0);
    for end in ends {
        let beginning = probe.look(&stream.as_bytes()[..end]);
        if beginning != Beginning::Unknown {
            return (words(&beginning), end);
        }
        last = end;
    }
    assert_eq!(last, stream.len());
    (format!("{} at the end", words(&probe.finish())), last)
}

/// Checks what a stream is that is `undecided` and then goes on with `rest`, at the end of whose first event it is known.
#[track_caller]
fn check(dialect: Dialect, undecided: &str, rest: &str, expected: &str) {
    let stream = format!("{undecided}{rest}");
    let end = undecided.len() + rest.find("\n\n").map_or(rest.len(), |at| at + 2);
    assert_eq!(seen(dialect, &stream, [stream.len()]).0, expected, "{stream}");
    assert_eq!(seen(dialect, &stream, 0..=stream.len()), (expected.to_owned(), end), "{stream}");
    for cut in 0..=stream.len() {
        assert_eq!(seen(dialect, &stream, [cut, stream.len()]).0, expected, "{stream} cut at {cut}");
    }
}

fn chunk(choice: &str) -> String {
    format!("data: {{\"id\":\"c\",\"model\":\"m\",\"choices\":[{choice}]}}\n\n")
}

fn delta(members: &str) -> String {
    chunk(&format!("{{\"index\":0,\"delta\":{{{members}}},\"finish_reason\":null}}"))
}

fn event(kind: &str, members: &str) -> String {
    format!("event: {kind}\ndata: {{\"type\":\"{kind}\"{members}}}\n\n")
}

/// What opens a stream without saying anything, one after the other.
fn openings(dialect: Dialect) -> Vec<String> {
    let steps = match dialect {
        OpenaiChat => vec![
            ": a comment\n\n".to_owned(),
            "data: {\"choices\":[],\"id\":\"\",\"prompt_filter_results\":[]}\n\n".to_owned(),
            delta("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null"),
            delta("\"content\":\"\""),
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n".to_owned(),
        ],
        AnthropicMessages => vec![
            event("ping", ""),
            event(
                "message_start",
                ",\"message\":{\"id\":\"m\",\"model\":\"c\",\"usage\":{\"input_tokens\":1}}",
            ),
            "event: ping\ndata:\n\n".to_owned(),
            event("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"),
        ],
    };
    (0..=steps.len()).map(|count| steps[..count].concat()).collect()
}

#[test]
fn a_stream_is_sound_with_the_first_piece_of_an_answer_and_not_before() {
    for opening in openings(OpenaiChat) {
        for said in [
            delta("\"content\":\"a\""),
            delta("\"reasoning_content\":\"a\""),
            delta("\"refusal\":\"a\""),
            delta("\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\"}}]"),
            chunk("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}"),
            "data: [DONE]\n\n".to_owned(),
        ] {
            check(OpenaiChat, &opening, &said, "sound");
        }
    }
    for opening in openings(AnthropicMessages) {
        for said in [
            event("content_block_delta", ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}"),
            event(
                "content_block_delta",
                ",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"a\"}",
            ),
            event(
                "content_block_start",
                ",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\"}",
            ),
            event("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\"}"),
            event("message_stop", ""),
        ] {
            check(AnthropicMessages, &opening, &said, "sound");
        }
    }
}

#[test]
fn an_error_before_the_answer_has_the_status_it_would_have_had() {
    let error = "data: {\"error\":{\"message\":\"busy\",\"code\":503}}";
    for opening in openings(OpenaiChat) {
        check(OpenaiChat, &opening, &format!("{error}\n\n"), "503 busy");
        check(OpenaiChat, &opening, error, "503 busy at the end");
    }
    let error = event("error", ",\"error\":{\"type\":\"overloaded_error\",\"message\":\"full\"}");
    for opening in openings(AnthropicMessages) {
        check(AnthropicMessages, &opening, &error, "529 full");
        check(AnthropicMessages, &opening, error.trim_end(), "529 full at the end");
    }
}

#[test]
fn what_comes_behind_an_answer_in_the_same_piece_is_not_looked_at() {
    let error = "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n";
    check(OpenaiChat, "", &(delta("\"content\":\"a\"") + error), "sound");
    check(OpenaiChat, "", &(error.to_owned() + &delta("\"content\":\"a\"")), "503 busy");
}

#[test]
fn a_stream_that_ends_before_its_answer_or_cannot_be_read_has_failed() {
    for dialect in Dialect::ALL {
        for opening in openings(dialect) {
            let failed = "502 the provider's reply ended before it was complete at the end";
            check(dialect, &opening, "", failed);
            check(dialect, &opening, "data: <html>\n\n", "502 the provider's reply cannot be read");
            check(dialect, &opening, "data: <html>", "502 the provider's reply cannot be read at the end");
        }
    }
}

#[test]
fn a_stream_that_says_nothing_for_long_passes() {
    let said = delta("\"content\":\"a\"");
    let error = "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n";
    for (bytes, of_error) in
        [(PROBE_BYTES_MAX - 1, "503 busy"), (PROBE_BYTES_MAX, "503 busy"), (PROBE_BYTES_MAX + 1, "sound")]
    {
        for (last, expected) in [(error, of_error), (&said, "sound")] {
            let comment = format!(":{}\n\n", " ".repeat(bytes - last.len() - 3));
            let stream = format!("{comment}{last}");
            assert_eq!(stream.len(), bytes);
            assert_eq!(seen(OpenaiChat, &stream, [bytes]).0, expected);
            assert_eq!(seen(OpenaiChat, &stream, (0..bytes).step_by(1000).chain([bytes])).0, expected);
            assert_eq!(seen(OpenaiChat, &stream, bytes - 200..=bytes).0, expected);
        }
    }
    let failed = "502 the provider's reply ended before it was complete at the end";
    for (bytes, expected) in
        [(PROBE_BYTES_MAX - 1, failed), (PROBE_BYTES_MAX, failed), (PROBE_BYTES_MAX + 1, "sound")]
    {
        let comments = ":\n\n".repeat(bytes / 3) + &":::"[..bytes % 3];
        assert_eq!(seen(OpenaiChat, &comments, [bytes]).0, expected);
        assert_eq!(seen(OpenaiChat, &comments, bytes - 200..=bytes).0, expected);
    }
}
