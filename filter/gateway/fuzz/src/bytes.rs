//! JSON and server-sent events.

use serde_json::Value as Theirs;
use tollgate_gateway::wire::json::{Document, Fault, Kind, TopLevel, Value, write_string};
use tollgate_gateway::wire::sse::{Block, Decoder, Event, TooLong};

/// How much of a member's value the search keeps.
const VALUE_BYTES_MAX: usize = 64;
const WANTED: &[&str] = &["a", "usage", "model", "error"];

/// Reading any bytes as JSON: the reader agrees with `serde_json`, its values with their own texts, and the search for
/// members with the reader, however the text is cut.
pub fn json(data: &[u8]) {
    let theirs = serde_json::from_slice::<Theirs>(data);
    match (Document::parse(data), theirs) {
        (Ok(document), Ok(theirs)) => {
            assert_eq!(converted(document.root()), Some(theirs));
            assert!(Document::parse_reply(data).is_ok());
            spans(document.root(), data);
            members(document.root(), data);
        }
        (Ok(_), Err(error)) => assert!(error.to_string().starts_with("number out of range"), "{error}"),
        (Err(error), Ok(_)) => {
            assert!(matches!(error.fault, Fault::DuplicateKey | Fault::TooDeep | Fault::TooLarge), "{error}");
        }
        (Err(error), Err(_)) => assert!(error.at <= data.len()),
    }
    search_is_invariant(data);
}

/// `value` as `serde_json` holds it; nothing where a number is too large for it.
fn converted(value: Value<'_>) -> Option<Theirs> {
    Some(match value.kind() {
        Kind::Null => Theirs::Null,
        Kind::True | Kind::False => Theirs::Bool(value.as_bool()?),
        Kind::Number => serde_json::from_str(value.as_number()?).ok()?,
        Kind::Plain | Kind::Escaped => Theirs::String(value.as_str()?.decode().into_owned()),
        Kind::Array => Theirs::Array(value.items().map(converted).collect::<Option<_>>()?),
        Kind::Object => {
            let members =
                value.entries().map(|(key, value)| Some((key.decode().into_owned(), converted(value)?)));
            Theirs::Object(members.collect::<Option<_>>()?)
        }
    })
}

fn spans(value: Value<'_>, data: &[u8]) {
    assert_eq!(data.get(value.span()), Some(value.raw().as_bytes()));
    if let Some(text) = value.as_str() {
        let mut written = Vec::new();
        write_string(&mut written, &text.decode());
        let again = Document::parse(&written).expect("a written string is JSON");
        assert_eq!(again.root().as_str().map(|again| again.decode()), Some(text.decode()));
    }
    value.items().chain(value.entries().map(|(_, value)| value)).for_each(|inner| spans(inner, data));
}

/// The search finds what the reader finds, if the key is spelled without escapes and the value is short enough.
fn members(root: Value<'_>, data: &[u8]) {
    let mut scan = TopLevel::new(WANTED, VALUE_BYTES_MAX);
    scan.push(data);
    for (key, value) in root.entries().filter(|(key, _)| WANTED.contains(&key.raw())) {
        let found = scan.get(key.raw()).map(|found| serde_json::from_slice::<Theirs>(found).ok());
        match found {
            Some(found) => assert_eq!(found, converted(value)),
            None => assert!(value.raw().len() > VALUE_BYTES_MAX),
        }
    }
}

fn search_is_invariant(data: &[u8]) {
    let found = |piece_bytes: usize| {
        let mut scan = TopLevel::new(WANTED, VALUE_BYTES_MAX);
        data.chunks(piece_bytes).for_each(|piece| scan.push(piece));
        WANTED.iter().map(|name| scan.get(name).map(<[u8]>::to_vec)).collect::<Vec<_>>()
    };
    let whole = found(data.len().max(1));
    assert_eq!(found(1), whole);
    assert_eq!(found(3), whole);
}

/// Reading any bytes as server-sent events: the events do not depend on the pieces, and no byte is lost.
pub fn sse(data: &[u8]) {
    for event_bytes_max in [8, 1 << 20] {
        let (whole, result) = events(data, data.len().max(1), event_bytes_max);
        for piece_bytes in [1, 2, 7] {
            assert_eq!(events(data, piece_bytes, event_bytes_max), (whole.clone(), result));
        }
        let bytes: Vec<u8> = whole.iter().flat_map(|event| event.0.clone()).collect();
        assert!(data.starts_with(&bytes));
        assert!(result.is_err() || data == bytes);
        let (passed, all) = passed(data, data.len().max(1), event_bytes_max);
        assert_eq!(all, data);
        assert!(passed.starts_with(&whole));
        for piece_bytes in [1, 2, 7] {
            assert_eq!(self::passed(data, piece_bytes, event_bytes_max), (passed.clone(), data.to_vec()));
        }
    }
}

/// An event: its bytes, name and data.
type Seen = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);

fn events(data: &[u8], piece_bytes: usize, event_bytes_max: usize) -> (Vec<Seen>, Result<(), TooLong>) {
    let (mut decoder, mut list) = (Decoder::new(event_bytes_max), Vec::new());
    for piece in data.chunks(piece_bytes) {
        if let Err(error) = decoder.push(piece, |event| list.push(seen(event))) {
            return (list, Err(error));
        }
    }
    decoder.finish(|event| list.push(seen(event)));
    assert!(decoder.is_between_events());
    (list, Ok(()))
}

fn seen(event: Event<'_>) -> Seen {
    (event.raw().to_vec(), event.name().to_vec(), event.data().map(|data| data.into_owned()))
}

/// The events of a stream that passes, and all that was handed out.
fn passed(data: &[u8], piece_bytes: usize, event_bytes_max: usize) -> (Vec<Seen>, Vec<u8>) {
    let (mut decoder, mut list, mut all) = (Decoder::new(event_bytes_max), Vec::new(), Vec::new());
    let mut take = |block: Block<'_>| match block {
        Block::Piece(piece) => all.extend_from_slice(piece),
        Block::Event(event) => {
            all.extend_from_slice(event.raw());
            list.push(seen(event));
        }
    };
    data.chunks(piece_bytes).for_each(|piece| decoder.pass(piece, &mut take));
    decoder.pass_rest(&mut take);
    assert!(decoder.is_between_events());
    (list, all)
}
