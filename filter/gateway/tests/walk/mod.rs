//! A request's walk through both machines without a host: what Envoy would do with the effects, and nothing more.

use std::collections::HashMap;
use std::rc::Rc;

use tollgate_gateway::attempt::{self, Attempt};
use tollgate_gateway::config::settings::*;
use tollgate_gateway::downstream::{self, Downstream};
use tollgate_gateway::effect::{Answer, Effect, Effects, Flow, Metric, ReadReply};
use tollgate_gateway::event::{AttemptEvent, EdgeEvent, Head, Origin, Secrets};
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
    pub host: String,
    pub body: String,
}

struct Keys;

impl Secrets for Keys {
    fn find(&self, name: &str) -> Option<Secret> {
        (name != "MISSING").then(|| Secret::new(format!("key-{name}")))?
    }
}

fn provider(name: &str, dialect: &str, credential: CredentialSettings) -> ProviderSettings {
    let authority = format!("{name}.example");
    ProviderSettings {
        name: name.into(),
        dialect: dialect.into(),
        authority,
        path_prefix: "/base".into(),
        credential,
    }
}

/// The model `solo` has the OpenAI provider as its single target. The model `chat` is served by an OpenAI provider (target 0), an Anthropic one (1) and one whose key is missing (2).
fn policies(unsupported: Unsupported) -> (downstream::Policy, attempt::Policy) {
    let bearer = |env: &str| CredentialSettings::Bearer { env: env.into() };
    let attempt = attempt::Policy::compile(AttemptSettings {
        unsupported,
        providers: vec![
            provider("open", "openai_chat", bearer("OPEN")),
            provider("anth", "anthropic_messages", CredentialSettings::XApiKey { env: "ANTH".into() }),
            provider("lost", "openai_chat", bearer("MISSING")),
        ],
    });
    let target =
        |provider: &str, model: &str| TargetSettings { provider: provider.into(), model: model.into() };
    let edge = downstream::Policy::compile(EdgeSettings {
        bounds: BoundSettings { request_body_bytes: 2000, response_body_bytes: 2000, event_bytes: 1000 },
        response_headers: true,
        models: vec![
            ModelSettings {
                name: "same".into(),
                cluster: "cluster".into(),
                targets: vec![target("open", "same"), target("anth", "claude")],
                retry: RetrySettings {
                    on: "5xx".into(),
                    status_codes: String::new(),
                    per_try_timeout_ms: None,
                },
                direct: None,
            },
            ModelSettings {
                name: "chat".into(),
                cluster: "cluster".into(),
                targets: vec![target("open", "gpt"), target("anth", "claude"), target("lost", "gone")],
                retry: RetrySettings {
                    on: "5xx".into(),
                    status_codes: "429".into(),
                    per_try_timeout_ms: Some(9000),
                },
                direct: None,
            },
            ModelSettings {
                name: "solo".into(),
                cluster: "single".into(),
                targets: vec![target("open", "gpt")],
                retry: RetrySettings {
                    on: String::new(),
                    status_codes: String::new(),
                    per_try_timeout_ms: None,
                },
                direct: Some(AttemptSettings {
                    unsupported,
                    providers: vec![provider("open", "openai_chat", bearer("OPEN"))],
                }),
            },
            ModelSettings {
                name: "other".into(),
                cluster: "single".into(),
                targets: vec![target("anth", "claude")],
                retry: RetrySettings {
                    on: String::new(),
                    status_codes: String::new(),
                    per_try_timeout_ms: None,
                },
                direct: Some(AttemptSettings {
                    unsupported,
                    providers: vec![provider(
                        "anth",
                        "anthropic_messages",
                        CredentialSettings::XApiKey { env: "ANTH".into() },
                    )],
                }),
            },
        ],
    });
    (edge.unwrap(), attempt.unwrap())
}

pub fn head(fields: &[(&str, &str)]) -> Head {
    let mut head = Head::default();
    for (name, value) in fields {
        head.push(name.as_bytes(), value.as_bytes());
    }
    head
}

impl Walk {
    /// Sends a request; an answer of the gateway's own is the error.
    pub fn post(path: &str, body: &str) -> Result<Walk, Got> {
        Self::send(Unsupported::Drop, &[(":method", "POST"), (":path", path)], body)
    }

    pub fn send(unsupported: Unsupported, fields: &[(&str, &str)], body: &str) -> Result<Walk, Got> {
        let (edge, attempts) = policies(unsupported);
        let mut walk = Walk {
            edge: Downstream::new(Rc::new(edge)),
            attempts: Rc::new(attempts),
            body: body.into(),
            attempt: None,
            head: fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            state: HashMap::new(),
            counted: Vec::new(),
        };
        let event = EdgeEvent::RequestHead { head: &head(fields), end: body.is_empty(), now: 1000 };
        let effects = walk.edge.on(event, &Keys);
        walk.apply(effects)?;
        for bytes in [body.len() / 2, body.len()] {
            let effects = walk.edge.on(EdgeEvent::RequestGrew { bytes }, &Keys);
            assert_eq!(effects.flow, Flow::Wait);
            walk.apply(effects)?;
        }
        let effects = walk.edge.on(EdgeEvent::RequestBody { body: body.as_bytes() }, &Keys);
        if let Some((bytes, with)) = walk.apply(effects)? {
            walk.body.splice(..bytes, with);
        }
        Ok(walk)
    }

    /// What goes to the provider of a model with a single target.
    pub fn direct(&self) -> Sent {
        let take = |name: &str| self.head.get(name).cloned().unwrap_or_default();
        assert_eq!(take("content-length"), self.body.len().to_string());
        let body = String::from_utf8(self.body.clone()).unwrap();
        Sent { path: take(":path"), host: take(":authority"), body }
    }

    /// Runs one try against `target`.
    pub fn attempt(&mut self, target: usize) -> Result<Sent, Got> {
        let mut attempt = Attempt::new(Rc::clone(&self.attempts));
        let value = |field| self.state.get(field).map(|value: &String| value.clone().into_bytes());
        let event = AttemptEvent::RequestHead {
            handoff: value("tollgate.handoff"),
            receipt: value("tollgate.receipt"),
            target,
            secrets: &Keys,
        };
        let effects = attempt.on(event);
        let wanted = effects.list.iter().find_map(|effect| match effect {
            Effect::ReadRequest(bytes) => Some(*bytes),
            _ => None,
        });
        self.apply(effects)?;
        let mut body = self.body.clone();
        if let Some(bytes) = wanted {
            let part = &self.body.clone()[..bytes.min(self.body.len())];
            let effects = attempt.on(AttemptEvent::RequestBody { body: part, end: true });
            if let Some((bytes, with)) = self.apply(effects)? {
                body.splice(..bytes, with);
            }
        }
        let length = self.head.get("content-length").map(|length| length.parse::<usize>().unwrap());
        assert!(
            length.is_none_or(|length| length == body.len()),
            "{length:?} announced for {} bytes",
            body.len()
        );
        self.attempt = Some(attempt);
        let take = |name: &str| self.head.get(name).cloned().unwrap_or_default();
        Ok(Sent { path: take(":path"), host: take(":authority"), body: String::from_utf8(body).unwrap() })
    }

    /// The provider of the last try answers with an error that Envoy retries.
    pub fn fails(&mut self, status: u16) {
        let (_, status_told) = self.begins(status, "application/json", b"");
        assert_eq!(status_told, status);
    }

    /// The provider of the last try begins to answer; returns what attempt lets out of `piece`, and the status.
    pub fn begins(&mut self, status: u16, media_type: &str, piece: &[u8]) -> (String, u16) {
        let text = status.to_string();
        let head = head(&[(":status", text.as_str()), ("content-type", media_type)]);
        let mut got = Got { status, ..Got::default() };
        let mut read = ReadReply::Not;
        let attempt = self.attempt.as_mut().unwrap();
        let effects = attempt.on(AttemptEvent::ReplyHead { head: &head, end: false });
        let held = effects.flow == Flow::Wait;
        let effects =
            if held { attempt.on(AttemptEvent::ReplyBody { held: piece, end: false }) } else { effects };
        assert!(self.follow(effects, &mut read, &mut got, piece).is_none());
        let status = got.head.get(":status").map_or(status, |status| status.parse().unwrap());
        (got.body, status)
    }

    /// The provider of the last try answers, with the body in `pieces`.
    pub fn reply(&mut self, status: u16, media_type: &str, pieces: &[&[u8]]) -> Got {
        // Attempt looks at a stream's beginning; where a test cuts it, the first cut may be before the first event.
        let held = pieces.concat();
        let (_, told) = self.begins(status, media_type, &held);
        assert_eq!(told, status);
        self.arrive(status, media_type, pieces)
    }

    /// A reply reaches edge, the provider's or Envoy's own.
    pub fn arrive(&mut self, status: u16, media_type: &str, pieces: &[&[u8]]) -> Got {
        self.arrive_from(Origin::Unknown, status, media_type, pieces)
    }

    /// As [`Walk::arrive`], for a model with a single target.
    pub fn arrive_from(&mut self, origin: Origin, status: u16, media_type: &str, pieces: &[&[u8]]) -> Got {
        let text = status.to_string();
        let receipt = self.state.get("tollgate.receipt").map(|value| value.clone().into_bytes());
        let fields = [(":status", text.as_str()), ("content-type", media_type), ("content-length", "7")];
        let event = EdgeEvent::ReplyHead { head: &head(&fields), end: false, receipt, origin };
        let mut got = Got { status, ..Got::default() };
        got.head = fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let effects = self.edge.on(event, &Keys);
        let mut read = ReadReply::Not;
        if let Some(answer) = self.follow(effects, &mut read, &mut got, &[]) {
            return answer;
        }
        match read {
            ReadReply::Not => pieces.iter().for_each(|piece| got.push(piece)),
            ReadReply::Pieces => {
                for (at, bytes) in pieces.iter().enumerate() {
                    let end = at + 1 == pieces.len();
                    if self.edge.awaits_first_piece() {
                        self.edge.on(EdgeEvent::FirstPiece { now: 1500 }, &Keys);
                    }
                    let effects = self.edge.on(EdgeEvent::ReplyPiece { bytes, end }, &Keys);
                    self.follow(effects, &mut read, &mut got, bytes);
                }
            }
            ReadReply::Whole => {
                let body = pieces.concat();
                let mut effects = self.edge.on(EdgeEvent::ReplyGrew { bytes: body.len() }, &Keys);
                if effects.list.is_empty() {
                    effects = self.edge.on(EdgeEvent::ReplyBody { body: &body }, &Keys);
                }
                if let Some(answer) = self.follow(effects, &mut read, &mut got, &body) {
                    return answer;
                }
            }
        }
        got
    }

    /// The request is over; the series that were counted, without their labels.
    pub fn over(&mut self) -> Vec<(Metric, u64)> {
        let effects = self.edge.on(EdgeEvent::Over { now: 1750 }, &Keys);
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
                Effect::Answer(answer) => return Err(Got::from(answer)),
                _ => {}
            }
        }
        Ok(replaced)
    }

    /// Applies what concerns the reply, with `here` as the bytes that are held.
    fn follow(&mut self, effects: Effects, read: &mut ReadReply, got: &mut Got, here: &[u8]) -> Option<Got> {
        let mut out = here.to_vec();
        let mut rest = Vec::new();
        for effect in effects.list {
            match effect {
                Effect::SetReplyHeader(name, value) => drop(got.head.insert(name.into(), value.into())),
                Effect::RemoveReplyHeader(name) => drop(got.head.remove(name)),
                Effect::ReplaceReply(with) => out = with,
                Effect::Read(how) => *read = how,
                other => rest.push(other),
            }
        }
        got.push(&out);
        self.apply(Effects { flow: effects.flow, list: rest }).err()
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
            answer.headers.into_iter().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
        Got { status: answer.status, head, body: String::from_utf8(answer.body).unwrap() }
    }
}
