//! What the dialect reads and writes, case by case. Whole bodies stand in `testdata/openai_chat`.

mod failures;
mod outlines;
mod read_requests;
mod replies;
mod stream_readers;
mod stream_writers;
mod write_requests;

use crate::chat::{Chat, Delta, Unsupported};
use crate::dialects::{Invalid, Unreadable};
use crate::wire::json::Document;
use crate::wire::sse;

use super::{StreamReader, read_request, write_request};

/// Parses `json` for as long as the test runs.
fn document(json: &str) -> &'static Document<'static> {
    let text: &'static str = Box::leak(json.to_owned().into_boxed_str());
    Box::leak(Box::new(Document::parse(text.as_bytes()).expect("test data is JSON")))
}

fn request(json: &str) -> Result<Chat<'static>, Invalid> {
    read_request(document(json).root())
}

/// Reads a request of one message of the user with `more` members beside it.
fn with(more: &str) -> Result<Chat<'static>, Invalid> {
    request(&format!(r#"{{"model":"chat","messages":[{{"role":"user","content":"hi"}}],{more}}}"#))
}

fn paths(unsupported: &[Unsupported]) -> Vec<&str> {
    unsupported.iter().map(|path| path.0.as_ref()).collect()
}

/// What `chat` becomes for a provider that is asked for `model`, and what is lost.
fn written(chat: &Chat<'_>, model: &str) -> (String, Vec<String>) {
    let mut out = Vec::new();
    let lost = write_request(chat, model, &mut out);
    (text_of(out), lost.into_iter().map(|path| path.0.into_owned()).collect())
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("the gateway writes UTF-8")
}

/// The file `path` of the dialect's test data.
fn fixture(path: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/openai_chat/");
    std::fs::read_to_string(format!("{root}{path}")).expect("the fixture is there")
}

/// Reads `stream` in pieces that end at `cuts` and hands on what each step says, in words.
fn read_in_pieces(stream: &[u8], cuts: &[usize]) -> Result<Vec<String>, Unreadable> {
    let (mut reader, mut decoder) = (StreamReader::default(), sse::Decoder::new(1 << 20));
    let (mut said, mut result) = (Vec::new(), Ok(()));
    let mut begin = 0;
    for end in cuts.iter().copied().chain([stream.len()]) {
        let on_event = |event: sse::Event<'_>| result = result.and(read_one(&mut reader, event, &mut said));
        decoder.push(&stream[begin..end], on_event).expect("no fixture is over the bound");
        begin = end;
    }
    decoder.finish(|event| result = result.and(read_one(&mut reader, event, &mut said)));
    reader.finish(&mut |delta| said.push(words(&delta)));
    result.map(|()| said)
}

fn read_one(
    reader: &mut StreamReader,
    event: sse::Event<'_>,
    said: &mut Vec<String>,
) -> Result<(), Unreadable> {
    reader.read(event, &mut |delta| said.push(words(&delta)))
}

/// A step in few words, such as `text 0 "Hi"`.
fn words(delta: &Delta<'_>) -> String {
    match delta {
        Delta::Start { id, model } => format!("start {:?} {:?}", id.plain(), model.plain()),
        Delta::Text { choice, text } => format!("text {choice} {:?}", text.plain()),
        Delta::Refusal { choice, text } => format!("refusal {choice} {:?}", text.plain()),
        Delta::Thinking { choice, text } => format!("thinking {choice} {:?}", text.plain()),
        Delta::Signature { choice, text } => format!("signature {choice} {:?}", text.plain()),
        Delta::RedactedThinking { choice, data } => format!("redacted {choice} {:?}", data.plain()),
        Delta::CallStart { choice, call, id, name } => {
            format!("call {choice}.{call} {:?} {:?}", id.plain(), name.plain())
        }
        Delta::CallArguments { choice, call, json } => {
            format!("arguments {choice}.{call} {:?}", json.plain())
        }
        Delta::Finish { choice, finish } => format!("finish {choice} {finish:?}"),
        Delta::Usage(usage) => format!("usage {}+{}", usage.prompt, usage.completion),
        Delta::End => "end".to_owned(),
        Delta::Failed(failure) => format!("failed {} {:?}", failure.status, failure.message),
    }
}
