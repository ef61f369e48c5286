//! How an answer's bytes leave: in which pieces, with what pauses, and how they end.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::watch;

use crate::record::Watch;
use crate::script::{Ending, Script, Wire};

/// One server-sent event.
#[derive(Debug)]
pub struct Event {
    /// What stands behind `event:`, where the dialect names its events.
    pub name: Option<&'static str>,
    /// What stands behind `data:`.
    pub data: String,
    /// Whether it carries a piece of what the model says.
    pub content: bool,
}

impl Event {
    fn frame(&self, wire: Wire) -> Bytes {
        let (end, comment) = if wire == Wire::Crlf { ("\r\n", ": keep-alive\r\n") } else { ("\n", "") };
        let name = self.name.map_or(String::new(), |name| format!("event: {name}{end}"));
        Bytes::from(format!("{comment}{name}data: {}{end}{end}", self.data))
    }
}

/// One thing a body does.
enum Step {
    Send(Bytes),
    Wait(Duration),
    Gate(watch::Receiver<bool>),
    Stall,
    Break,
}

type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The body of an answer.
pub struct Answering {
    steps: VecDeque<Step>,
    length: Option<u64>,
    pause: Option<Pause>,
    sent: bool,
    watch: Watch,
}

impl Answering {
    /// A body with its length in the head.
    pub fn whole(bytes: Bytes, script: &Script, watch: Watch) -> Self {
        let length = Some(bytes.len() as u64);
        let mut steps = VecDeque::new();
        match script.ending {
            Ending::Cut(at) => steps.extend([Step::Send(bytes.slice(..at.min(bytes.len()))), Step::Break]),
            Ending::Stall(at) => steps.extend([Step::Send(bytes.slice(..at.min(bytes.len()))), Step::Stall]),
            _ if script.wire == Wire::OneByte => send_bytewise(&bytes, &mut steps),
            _ => steps.push_back(Step::Send(bytes)),
        }
        Self { steps, length, pause: None, sent: false, watch }
    }

    /// A stream of events; `error` is what stands in for them where the script says so.
    pub fn stream(
        events: Vec<Event>,
        error: Event,
        script: &Script,
        gate: Option<Gate>,
        watch: Watch,
    ) -> Self {
        let (kept, last) = match script.ending {
            Ending::Whole => (usize::MAX, None),
            Ending::End(kept) => (kept, None),
            Ending::Cut(kept) => (kept, Some(Step::Break)),
            Ending::Stall(kept) => (kept, Some(Step::Stall)),
            Ending::ErrorEvent(kept) => (kept, Some(Step::Send(error.frame(script.wire)))),
            Ending::Rubbish(kept) => {
                (kept, Some(Step::Send(Bytes::from_static(b"data: {rubbish, not JSON\n\n"))))
            }
        };
        let mut steps = VecDeque::new();
        if script.wire == Wire::Gzip {
            let all: Vec<u8> = events.iter().take(kept).flat_map(|event| event.frame(script.wire)).collect();
            steps.push_back(Step::Send(gzip(&all)));
        } else {
            send_events(&events[..kept.min(events.len())], script, gate, &mut steps);
        }
        steps.extend(last);
        Self { steps, length: None, pause: None, sent: false, watch }
    }
}

/// What a stream waits for behind its first piece of text.
pub type Gate = watch::Receiver<bool>;

fn send_events(events: &[Event], script: &Script, mut gate: Option<Gate>, steps: &mut VecDeque<Step>) {
    for event in events {
        let frame = event.frame(script.wire);
        if script.wire == Wire::OneByte {
            send_bytewise(&frame, steps);
        } else {
            steps.push_back(Step::Send(frame));
        }
        if event.content {
            steps.extend(gate.take().map(Step::Gate));
        }
        if !script.pace.is_zero() {
            steps.push_back(Step::Wait(script.pace));
        }
    }
}

fn send_bytewise(bytes: &Bytes, steps: &mut VecDeque<Step>) {
    steps.extend((0..bytes.len()).map(|at| Step::Send(bytes.slice(at..=at))));
}

/// The bytes compressed.
pub fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(compressed) => compressed.into(),
        Err(_) => Bytes::new(), // Writing to memory does not fail.
    }
}

impl Body for Answering {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            if std::mem::take(&mut self.sent) {
                // The connection writes out what it has whenever the body pauses: each piece gets a write of its own,
                // and nothing sent before a break is lost.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.steps.pop_front() {
                Some(Step::Send(bytes)) => {
                    self.sent = !self.steps.is_empty();
                    if self.steps.is_empty() {
                        self.watch.done();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Step::Wait(time)) => self.pause = Some(Box::pin(tokio::time::sleep(time))),
                Some(Step::Gate(gate)) => self.pause = Some(Box::pin(open(gate))),
                Some(Step::Stall) => self.pause = Some(Box::pin(std::future::pending())),
                Some(Step::Break) => {
                    self.watch.done();
                    return Poll::Ready(Some(Err(io::Error::other("broken off as the script says"))));
                }
                None => {
                    self.watch.done();
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.pause.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, |length| {
            let left: usize = self
                .steps
                .iter()
                .map(|step| if let Step::Send(bytes) = step { bytes.len() } else { 0 })
                .sum();
            let broken = self.steps.iter().any(|step| matches!(step, Step::Break | Step::Stall));
            SizeHint::with_exact(if broken { length } else { left as u64 })
        })
    }
}

async fn open(mut gate: Gate) {
    // The error is that nobody can open the gate any more: nothing is left to wait for.
    let _ = gate.wait_for(|open| *open).await;
}
