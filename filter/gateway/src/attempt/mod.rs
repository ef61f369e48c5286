//! Attempt: the upstream position, once per try. It makes the client's request the provider's: path, host, credentials
//! and body. It decides no policy, and of a reply it looks at no more than the first event of a stream.
//!
//! Every try starts from the bytes the client sent, so nothing of an earlier try is in a later one; what an earlier try
//! set in the head is set again or removed.

mod patch;
mod policy;
mod prepare;
mod probe;

use std::borrow::Cow;
use std::rc::Rc;

use crate::dialects::Dialect;
use crate::effect::{Effect, Effects, ReadReply};
use crate::event::AttemptEvent;
use crate::handoff::{Handoff, Outcome, Receipt};
use crate::reject::Reject;
use crate::telemetry::field;
use patch::Patch;
pub use policy::{Policy, Provider};
use probe::{Beginning, Probe};

/// One try, as attempt sees it.
#[derive(Debug)]
pub struct Attempt {
    policy: Rc<Policy>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing is known.
    Begun,
    /// The provider speaks the client's dialect, and the beginning of the body is to be changed.
    Patching { patch: Patch, receipt: Receipt },
    /// The provider speaks another dialect, and the whole body is awaited.
    Translating { target: usize, client: Dialect, model: String, receipt: Receipt },
    /// The request is with the provider.
    Sent { receipt: Receipt },
    /// A streamed reply has begun, and its first event is awaited.
    Probing { probe: Probe, receipt: Receipt },
    /// Nothing more is done.
    Done,
}

impl Attempt {
    /// A machine for one try.
    pub fn new(policy: Rc<Policy>) -> Self {
        Self { policy, state: State::Begun }
    }

    /// Takes an event and says what follows. An event that does not fit the state changes nothing.
    pub fn on(&mut self, event: AttemptEvent<'_>) -> Effects {
        let (state, effects) = match (std::mem::replace(&mut self.state, State::Done), event) {
            (State::Begun, AttemptEvent::RequestHead { handoff, receipt, target, secrets }) => {
                let Some(handoff) = handoff.as_deref().and_then(Handoff::decode) else {
                    return confused();
                };
                let before = receipt.as_deref().and_then(Receipt::decode);
                let Some(provider) = self.policy.providers.get(target) else { return confused() };
                let receipt = Receipt::next(before, target, provider.dialect);
                let credential = match provider.credential(secrets) {
                    Ok(credential) => credential,
                    Err(reject) => return refuse(&reject, handoff.dialect, receipt),
                };
                begin(provider, &handoff, receipt, prepare::head(provider, credential, handoff.dialect))
            }
            (State::Patching { patch, receipt }, AttemptEvent::RequestBody { body, .. }) => {
                match patch.apply(body) {
                    Some(effect) => (State::Sent { receipt }, Effects::go_on(vec![effect])),
                    None => return refuse(&Reject::Confused, Dialect::OpenaiChat, receipt),
                }
            }
            (
                State::Translating { target, client, model, mut receipt },
                AttemptEvent::RequestBody { body, .. },
            ) => {
                let Some(provider) = self.policy.providers.get(target) else { return confused() };
                match prepare::body(&self.policy, provider, client, &model, body) {
                    Ok(prepared) => {
                        receipt.unsupported = prepared.unsupported;
                        let mut effects = vec![Effect::SetState(field::RECEIPT, receipt.encode())];
                        effects.extend(prepared.effects);
                        (State::Sent { receipt }, Effects::go_on(effects))
                    }
                    Err(reject) => return refuse(&reject, client, receipt),
                }
            }
            (State::Sent { receipt }, AttemptEvent::ReplyHead { head, end }) => {
                let is_stream = head.media_type().eq_ignore_ascii_case(b"text/event-stream");
                if is_stream && !end && head.status() == 200 {
                    let probe = Probe::new(receipt.dialect);
                    let effects = Effects::wait(vec![Effect::Read(ReadReply::Pieces)]);
                    (State::Probing { probe, receipt }, effects)
                } else {
                    (State::Done, close(receipt, head.status()))
                }
            }
            (State::Probing { mut probe, receipt }, AttemptEvent::ReplyBody { held, end }) => {
                match probe.look(held) {
                    Beginning::Unknown if !end => {
                        (State::Probing { probe, receipt }, Effects::wait(Vec::new()))
                    }
                    Beginning::Unknown | Beginning::Sound => {
                        (State::Done, close(receipt, 200).and(Effect::Read(ReadReply::Not)))
                    }
                    Beginning::Failed(failure) => {
                        let mut effects = close(receipt, failure.status);
                        effects.list.extend(probe.told(&failure).list);
                        (State::Done, effects)
                    }
                }
            }
            (state, _) => (state, Effects::go_on(Vec::new())),
        };
        self.state = state;
        effects
    }
}

/// Begins with a provider whose key is known; `head` is what is done to the request's head.
fn begin(
    provider: &Provider,
    handoff: &Handoff<'_>,
    receipt: Receipt,
    mut head: Vec<Effect>,
) -> (State, Effects) {
    let target = receipt.last().map(|last| last.target).unwrap_or_default();
    let Some(model) = handoff.models.get(target) else {
        return (State::Done, confused());
    };
    if handoff.dialect != provider.dialect {
        head.push(Effect::ReadRequest(usize::MAX));
        let (client, model) = (handoff.dialect, model.clone().into_owned());
        return (State::Translating { target, client, model, receipt }, Effects::wait(head));
    }
    head.push(Effect::SetState(field::RECEIPT, receipt.encode()));
    let patch = Patch::new(handoff, model);
    // Also where nothing changes: an earlier try may have announced another length.
    head.push(Effect::SetRequestHeader("content-length", Cow::Owned(patch.length_after().to_string())));
    if patch.is_empty() {
        return (State::Sent { receipt }, Effects::go_on(head));
    }
    head.push(Effect::ReadRequest(patch.prefix_bytes()));
    (State::Patching { patch, receipt }, Effects::go_on(head))
}

/// Notes the status of a try's reply and lets it pass.
fn close(mut receipt: Receipt, status: u16) -> Effects {
    receipt.close(Outcome::Status(status));
    Effects::go_on(vec![Effect::SetState(field::RECEIPT, receipt.encode())])
}

fn confused() -> Effects {
    Effects::answer(Reject::Confused.answer(Dialect::OpenaiChat))
}

/// Refuses in the client's dialect and notes it, so that edge lets the answer pass.
fn refuse(reject: &Reject, dialect: Dialect, mut receipt: Receipt) -> Effects {
    receipt.close(Outcome::Refused);
    Effects::wait(vec![
        Effect::SetState(field::RECEIPT, receipt.encode()),
        Effect::Answer(reject.answer(dialect)),
    ])
}
