//! The requests that were received, for tests to read back: `GET /_requests`.
//!
//! Bounded in number and in bytes: the oldest go first, so a benchmark may run for ever.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::http::request::Parts;

use crate::shape::quote;

/// Most requests that are kept.
const REQUESTS_MAX: usize = 4096;
/// Most bytes of bodies that are kept.
const BODY_BYTES_MAX: usize = 96 << 20;

const OPEN: u8 = 0;
const DONE: u8 = 1;
const DROPPED: u8 = 2;

/// All requests received since the list was last emptied.
#[derive(Default)]
pub struct Records {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    requests: VecDeque<Request>,
    body_bytes: usize,
}

struct Request {
    head: Parts,
    body: Bytes,
    state: Arc<AtomicU8>,
}

/// Watches one exchange: dropped before [`Watch::done`], it records that the peer went away first.
pub struct Watch(Arc<AtomicU8>);

impl Watch {
    /// The whole answer was handed over.
    pub fn done(&self) {
        self.0.store(DONE, Ordering::Relaxed);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.compare_exchange(OPEN, DROPPED, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl Records {
    /// Adds a request and returns what follows its answer.
    pub fn add(&self, head: Parts, body: Bytes) -> Watch {
        let state = Arc::new(AtomicU8::new(OPEN));
        let mut kept = self.kept();
        kept.body_bytes += body.len();
        kept.requests.push_back(Request { head, body, state: state.clone() });
        while kept.requests.len() > REQUESTS_MAX || kept.body_bytes > BODY_BYTES_MAX {
            let Some(oldest) = kept.requests.pop_front() else { break };
            kept.body_bytes -= oldest.body.len();
        }
        Watch(state)
    }

    /// Forgets all requests.
    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    /// The list as JSON.
    pub fn json(&self) -> String {
        let kept = self.kept();
        let requests: Vec<String> = kept.requests.iter().map(Request::json).collect();
        format!("[{}]", requests.join(",\n"))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Request {
    fn json(&self) -> String {
        let headers: Vec<String> = self
            .head
            .headers
            .iter()
            .map(|(name, value)| format!("[{},{}]", quote(name.as_str()), quote(&latin1(value.as_bytes()))))
            .collect();
        let state = match self.state.load(Ordering::Relaxed) {
            OPEN => "open",
            DONE => "done",
            _ => "dropped",
        };
        format!(
            r#"{{"method":"{}","path":{},"headers":[{}],"body":"{}","state":"{state}"}}"#,
            self.head.method,
            quote(&self.head.uri.to_string()),
            headers.join(","),
            STANDARD.encode(&self.body),
        )
    }
}

/// Header values are bytes: each becomes the character of the same number.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Parts {
        hyper::Request::post("/v1/messages?a=b")
            .header("x-odd", b"\xff".as_slice())
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    #[test]
    fn a_request_can_be_read_back() {
        let records = Records::default();
        let watch = records.add(head(), Bytes::from_static(b"{}"));
        assert_eq!(
            records.json(),
            "[{\"method\":\"POST\",\"path\":\"/v1/messages?a=b\",\"headers\":[[\"x-odd\",\"\u{ff}\"]],\
             \"body\":\"e30=\",\"state\":\"open\"}]"
        );
        drop(watch);
        assert!(records.json().contains("dropped"));
    }

    #[test]
    fn memory_is_bounded_in_number_and_bytes() {
        let records = Records::default();
        for _ in 0..REQUESTS_MAX + 5 {
            records.add(head(), Bytes::new()).done();
        }
        assert_eq!(records.kept().requests.len(), REQUESTS_MAX);
        let large = Bytes::from(vec![b' '; BODY_BYTES_MAX / 2 + 1]);
        records.add(head(), large.clone()).done();
        records.add(head(), large).done();
        assert_eq!(records.kept().requests.len(), 1);
    }
}
