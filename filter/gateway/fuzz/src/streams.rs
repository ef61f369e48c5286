//! Streams.

use tollgate_gateway::chat::Delta;
use tollgate_gateway::dialects::{Dialect, StreamReader, Unreadable};
use tollgate_gateway::wire::sse::{Decoder, Event};

const CREATED: u64 = 1_700_000_000;
const EVENT_BYTES_MAX: usize = 1 << 20;

/// Any bytes as a stream: what is read does not depend on the pieces, keeps to the order that writers rely on, can be
/// written in every dialect, and reads again there.
pub fn stream(dialect: Dialect, data: &[u8]) {
    let (whole, result) = said(dialect, data, data.len().max(1));
    for piece_bytes in [1, 5, 64] {
        assert_eq!(said(dialect, data, piece_bytes), (whole.clone(), result));
    }
    for client in Dialect::ALL {
        for usage in [false, true] {
            let first = rewritten(dialect, client, usage, data);
            let (_, result) = said(client, &first, first.len().max(1));
            assert_eq!(result, Ok(()), "{}: {}", client.name(), String::from_utf8_lossy(&first));
            // The first writing puts in what a damaged stream lacks, such as the end of an answer.
            let second = rewritten(client, client, usage, &first);
            let third = rewritten(client, client, usage, &second);
            assert_eq!(
                String::from_utf8_lossy(&third),
                String::from_utf8_lossy(&second),
                "{}",
                client.name()
            );
        }
    }
}

/// Reads `data` in pieces and hands on every step, until one cannot be read.
fn read(
    dialect: Dialect,
    data: &[u8],
    piece_bytes: usize,
    on_delta: &mut dyn FnMut(Delta<'_>),
) -> Result<(), Unreadable> {
    let (mut reader, mut decoder, mut result) =
        (dialect.stream_reader(), Decoder::new(EVENT_BYTES_MAX), Ok(()));
    let mut on_event = |event: Event<'_>| {
        // Must not panic for any event.
        let _ = (dialect.is_notable(event), dialect.is_usage_only(event));
        if result.is_ok() {
            result = step(&mut reader, event, on_delta);
        }
    };
    for piece in data.chunks(piece_bytes) {
        decoder.push(piece, &mut on_event).map_err(|_| Unreadable)?;
    }
    decoder.finish(&mut on_event);
    if result.is_ok() {
        reader.finish(on_delta);
    }
    result
}

fn step(
    reader: &mut StreamReader,
    event: Event<'_>,
    on_delta: &mut dyn FnMut(Delta<'_>),
) -> Result<(), Unreadable> {
    reader.read(event, on_delta)
}

fn said(dialect: Dialect, data: &[u8], piece_bytes: usize) -> (Vec<String>, Result<(), Unreadable>) {
    let mut list = Vec::new();
    let mut order = Order::Waiting;
    let result = read(dialect, data, piece_bytes, &mut |delta| {
        order = order.behind(dialect, &delta);
        list.push(format!("{delta:?}"));
    });
    (list, result)
}

/// How far a reply has come.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Waiting,
    Open,
    Closed,
}

impl Order {
    /// The place behind `delta`. Events of Messages have names for their places, and its reader takes them as they
    /// come; chunks of Chat Completions have none, so there the order is the reader's work.
    fn behind(self, dialect: Dialect, delta: &Delta<'_>) -> Order {
        let is_kept = match (self, delta) {
            (Order::Waiting, Delta::Start { .. } | Delta::Failed(_)) => true,
            (Order::Open, delta) => !matches!(delta, Delta::Start { .. }),
            (Order::Waiting | Order::Closed, _) => false,
        };
        assert!(is_kept || dialect == Dialect::AnthropicMessages, "{delta:?} in its place");
        match delta {
            Delta::End | Delta::Failed(_) => Order::Closed,
            _ => Order::Open,
        }
    }
}

fn rewritten(provider: Dialect, client: Dialect, usage: bool, data: &[u8]) -> Vec<u8> {
    let (mut writer, mut out) = (client.stream_writer(CREATED, usage), Vec::new());
    let _ = read(provider, data, data.len().max(1), &mut |delta| writer.write(&delta, &mut out));
    out
}
