//! A request's walk through both machines without a host: what Envoy would do with the effects, and nothing more.

pub mod policies;
mod reply;
mod request;

use std::collections::HashMap;
use std::rc::Rc;

use tollgate_gateway::attempt::{self, Attempt};
use tollgate_gateway::downstream::Downstream;
use tollgate_gateway::effect::{Answer, Effect, Effects, Metric};
use tollgate_gateway::event::{Cut, EdgeEvent, Head, Secrets};
use tollgate_gateway::secret::Secret;

/// One request under way.
pub struct Walk {
    edge: Downstream,
    attempts: Rc<attempt::Policy>,
    body: Vec<u8>,
    attempt: Option<Attempt>,
    /// The request's head as the last position left it.
    pub head: HashMap<String, String>,
    /// The filter state.
    pub state: HashMap<&'static str, String>,
    /// The names of all series that were counted, with what was added.
    pub counted: Vec<(String, u64)>,
}

/// What a client has in the end.
#[derive(Debug, Default, PartialEq)]
pub struct Got {
    pub status: u16,
    pub head: HashMap<String, String>,
    pub body: String,
}

/// What a provider was sent.
#[derive(Debug, PartialEq)]
pub struct Sent {
    pub path: String,
    pub body: String,
}

pub struct Keys;

impl Secrets for Keys {
    fn find(&self, name: &str) -> Option<Secret> {
        (name != "MISSING").then(|| Secret::new(format!("key-{name}")))?
    }
}

pub fn head(fields: &[(&str, &str)]) -> Head {
    let mut head = Head::default();
    for (name, value) in fields {
        head.push(name.as_bytes(), value.as_bytes());
    }
    head
}

impl Walk {
    /// The request is over; the series that were counted, without their labels.
    pub fn over(&mut self) -> Vec<(Metric, u64)> {
        self.cut(Cut::Unknown)
    }

    /// Whether the end of the reply is still to come.
    pub fn awaits_more(&self) -> bool {
        self.edge.awaits_more()
    }

    /// As [`Walk::over`], of a request whose reply may have been cut short.
    pub fn cut(&mut self, cut: Cut) -> Vec<(Metric, u64)> {
        assert!(cut == Cut::Unknown || self.edge.awaits_more(), "nobody would ask what cut it");
        let effects = self.edge.on(EdgeEvent::Over { now: 1750, cut }, &Keys);
        let samples = effects.list.iter().filter_map(|effect| match effect {
            Effect::Record(sample) => Some((sample.series.metric, sample.amount)),
            _ => None,
        });
        let samples = samples.collect();
        assert!(self.apply(effects).is_ok());
        samples
    }

    /// Applies what concerns the request; returns what replaces the beginning of the body.
    fn apply(&mut self, effects: Effects) -> Result<Option<(usize, Vec<u8>)>, Got> {
        let mut replaced = None;
        for effect in effects.list {
            match effect {
                Effect::SetRequestHeader(name, value) => drop(self.head.insert(name.into(), value.into())),
                Effect::Authenticate(name, key) => drop(self.head.insert(name.into(), key.expose().into())),
                Effect::RemoveRequestHeader(name) => drop(self.head.remove(name.as_ref())),
                Effect::ReplaceRequestPrefix { bytes, with } => replaced = Some((bytes, with)),
                Effect::SetState(field, value) => {
                    drop(self.state.insert(field, String::from_utf8(value).unwrap()))
                }
                Effect::Record(sample) => self.counted.push((sample.series.host_name(), sample.amount)),
                Effect::Answer(answer) => {
                    let mut got = Got::from(answer);
                    // Envoy's answers are told by what edge left, and it takes ours for one of its own.
                    got.body = self.state.get("tollgate.failure").cloned().unwrap_or(got.body);
                    return Err(got);
                }
                _ => {}
            }
        }
        Ok(replaced)
    }
}

impl Got {
    fn push(&mut self, bytes: &[u8]) {
        self.body.push_str(&String::from_utf8_lossy(bytes));
    }
}

impl From<Answer> for Got {
    fn from(answer: Answer) -> Self {
        let head =
            answer.headers.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Got { status: answer.status, head, body: String::from_utf8(answer.body).unwrap() }
    }
}
