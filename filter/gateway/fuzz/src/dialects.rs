//! Requests, whole replies and errors.

use tollgate_gateway::chat::{Chat, Reply};
use tollgate_gateway::dialects::{Dialect, UsagePatch};
use tollgate_gateway::wire::json::{Document, Fault};

const CREATED: u64 = 1_700_000_000;
const MODEL: &str = "m";

/// Any bytes as a request: what is read can be written in every dialect, is JSON there that reads again, and reading
/// and writing it over and over changes nothing.
pub fn request(dialect: Dialect, data: &[u8]) {
    let Ok(document) = Document::parse(data) else { return };
    let outline = dialect.outline(&document);
    let Ok(chat) = dialect.read_request(&document) else { return };
    for provider in Dialect::ALL {
        let first = written(provider, &chat);
        let Some(again) = parsed(&first) else { continue };
        // What this dialect writes for another's words it may read in its own way, such as a `data:` URL; once.
        let second = written(provider, &provider.read_request(&again).expect("a written request reads"));
        let Some(again) = parsed(&second) else { continue };
        let third = written(provider, &provider.read_request(&again).expect("a written request reads"));
        assert_eq!(text(&third), text(&second), "{}", provider.name());
    }
    if let Ok(outline) = outline {
        assert_eq!((outline.model.decode(), outline.delivery), (chat.model.plain(), chat.delivery));
        let UsagePatch::Put { at, text } = outline.usage else { return };
        let patched =
            [data.get(..at.start), Some(text.as_bytes()), data.get(at.end..)].map(Option::unwrap_or_default);
        let patched = patched.concat();
        let patched = Document::parse(&patched).expect("a patched body is JSON");
        let asked = dialect.outline(&patched).expect("a patched body is a request");
        assert_eq!((asked.model.decode(), asked.usage), (outline.model.decode(), UsagePatch::None));
    }
}

fn written(dialect: Dialect, chat: &Chat<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    dialect.write_request(chat, MODEL, &mut out);
    out
}

/// The document that was written. What was nested nearly too deep may be so in the place where it goes.
fn parsed(written: &[u8]) -> Option<Document<'_>> {
    match Document::parse_reply(written) {
        Ok(document) => Some(document),
        Err(error) if error.fault == Fault::TooDeep => None,
        Err(error) => panic!("{error}: {}", text(written)),
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("what is written is UTF-8")
}

/// Any bytes as a whole reply, likewise.
pub fn reply(dialect: Dialect, data: &[u8]) {
    let Ok(document) = Document::parse_reply(data) else { return };
    let Ok(reply) = dialect.read_reply(&document) else { return };
    for client in Dialect::ALL {
        let first = reply_written(client, &reply);
        let Some(again) = parsed(&first) else { continue };
        // A reply may call a tool and say that it did not; what is read and written once no longer does.
        let second = reply_written(client, &client.read_reply(&again).expect("a written reply reads"));
        let Some(again) = parsed(&second) else { continue };
        let third = reply_written(client, &client.read_reply(&again).expect("a written reply reads"));
        assert_eq!(text(&third), text(&second), "{}", client.name());
    }
}

fn reply_written(dialect: Dialect, reply: &Reply<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    dialect.write_reply(reply, CREATED, &mut out);
    out
}

/// Any bytes as an error: what is read is written as JSON.
pub fn failure(dialect: Dialect, data: &[u8]) {
    let _ = dialect.read_usage(data);
    let hidden = dialect.read_failed_reply(data);
    assert!(hidden.as_ref().is_none_or(|failure| (400..=599).contains(&failure.status)));
    let told = [0, 400, 401, 429, 500, 529].map(|status| {
        let failure = dialect.read_failure(status, data);
        assert_eq!(failure.status, status);
        failure
    });
    for failure in told.into_iter().chain(hidden) {
        for client in Dialect::ALL {
            let mut out = Vec::new();
            client.write_failure(&failure, &mut out);
            parsed(&out).expect("an error is not deep");
        }
    }
}
