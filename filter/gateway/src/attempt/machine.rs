//! The machine of one try: which state follows from which event.

use std::borrow::Cow;
use std::rc::Rc;

use super::patch::Patch;
use super::policy::{Policy, Provider, Replies};
use super::prepare;
use super::probe::{Beginning, Probe};
use crate::dialects::Dialect;
use crate::effect::{Effect, Effects, ReadReply};
use crate::event::{AttemptEvent, Head, Secrets};
use crate::handoff::{Handoff, Outcome, Receipt};
use crate::reject::Reject;
use crate::telemetry::field;
use crate::wire::json::Document;

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
    Translating(Translating),
    /// The request is with the provider.
    Sent { receipt: Receipt },
    /// A reply has begun, and the first piece of its answer is awaited.
    Probing { probe: Probe, receipt: Receipt },
    /// The reply failed: an error has taken its place, and what follows of it is dropped.
    Failed,
    /// Nothing more is done.
    Done,
}

/// A request that is to be written in another dialect than the client's.
#[derive(Debug)]
struct Translating {
    /// The index of the provider.
    target: usize,
    /// The dialect of the body.
    client: Dialect,
    /// The provider's name for the model; empty where it is the client's.
    model: String,
    receipt: Receipt,
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
                let handoff = handoff.as_deref().and_then(Handoff::decode);
                let provider = self.policy.providers.get(target);
                let (Some(handoff), Some(provider)) = (handoff, provider) else { return confused() };
                let before = receipt.as_deref().and_then(Receipt::decode);
                let receipt = Receipt::next(before, target, provider.dialect);
                begin(provider, &handoff, receipt, secrets)
            }
            (State::Patching { patch, receipt }, AttemptEvent::RequestBody { body, .. }) => {
                match patch.apply(body) {
                    Some(effect) => (State::Sent { receipt }, Effects::go_on(vec![effect])),
                    None => refuse(&Reject::Confused, Dialect::OpenaiChat, receipt),
                }
            }
            (State::Translating(translating), AttemptEvent::RequestBody { body, document, .. }) => {
                translate(&self.policy, translating, body, document)
            }
            (State::Sent { receipt }, AttemptEvent::ReplyHead { head, end }) => {
                reply(&self.policy, receipt, head, end)
            }
            (State::Probing { probe, receipt }, AttemptEvent::ReplyBody { held, end }) => {
                look(probe, receipt, held, end)
            }
            (State::Failed, AttemptEvent::ReplyBody { .. }) => {
                (State::Failed, Effects::go_on(vec![Effect::ReplaceReply(Vec::new())]))
            }
            (state, _) => (state, Effects::go_on(Vec::new())),
        };
        self.state = state;
        effects
    }
}

/// Begins with a provider: what is done to the head, and what must be seen of the body.
fn begin(
    provider: &Provider,
    handoff: &Handoff<'_>,
    receipt: Receipt,
    secrets: &dyn Secrets,
) -> (State, Effects) {
    let credential = match provider.credential(secrets) {
        Ok(credential) => credential,
        Err(reject) => return refuse(&reject, handoff.dialect, receipt),
    };
    let target = receipt.last().map(|last| last.target).unwrap_or_default();
    let Some(model) = handoff.models.get(target) else {
        return (State::Done, confused());
    };
    let mut head = prepare::head(provider, credential, handoff, &receipt);
    let name = if model.is_empty() { &handoff.asked } else { model };
    head.push(Effect::SetState(field::UPSTREAM_MODEL, name.as_bytes().to_vec()));
    head.push(Effect::SetState(field::PROVIDER, provider.name.clone().into_bytes()));
    if handoff.dialect != provider.dialect {
        head.push(Effect::ReadRequest(usize::MAX));
        let (client, model) = (handoff.dialect, model.clone().into_owned());
        let translating = Translating { target, client, model, receipt };
        return (State::Translating(translating), Effects::wait(head));
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

/// Writes the request anew, whose `body` is here.
fn translate<'b>(
    policy: &Policy,
    translating: Translating,
    body: &'b [u8],
    document: Option<&Document<'b>>,
) -> (State, Effects) {
    let Translating { target, client, model, mut receipt } = translating;
    let Some(provider) = policy.providers.get(target) else { return (State::Done, confused()) };
    match prepare::body(policy, provider, (client, &model), body, document) {
        Ok(prepared) => {
            receipt.unsupported = prepared.unsupported;
            let mut effects = vec![Effect::SetState(field::RECEIPT, receipt.encode())];
            effects.extend(prepared.effects);
            (State::Sent { receipt }, Effects::go_on(effects))
        }
        Err(reject) => refuse(&reject, client, receipt),
    }
}

/// Lets a reply pass, or holds it where it may turn out to be no answer.
fn reply(policy: &Policy, receipt: Receipt, head: &Head, end: bool) -> (State, Effects) {
    let may_fail = head.status() == 200 && policy.replies == Replies::Held;
    let probe = if may_fail { Probe::new(receipt.dialect, head) } else { None };
    let Some(mut probe) = probe else {
        return (State::Done, close(receipt, head.status()));
    };
    if !end {
        return (State::Probing { probe, receipt }, Effects::wait(vec![Effect::Read(ReadReply::Pieces)]));
    }
    match probe.look(&[], end) {
        // There is no body that could tell the error; edge does.
        Beginning::Failed(failure) => {
            let status = Effect::SetReplyHeader(":status", failure.status.to_string().into());
            (State::Done, close(receipt, failure.status).and(status))
        }
        Beginning::Unknown | Beginning::Sound => (State::Done, close(receipt, head.status())),
    }
}

/// Looks at the beginning of a reply.
fn look(mut probe: Probe, receipt: Receipt, held: &[u8], end: bool) -> (State, Effects) {
    match probe.look(held, end) {
        Beginning::Unknown => (State::Probing { probe, receipt }, Effects::wait(Vec::new())),
        Beginning::Sound => (State::Done, close(receipt, 200).and(Effect::Read(ReadReply::Not))),
        Beginning::Failed(failure) => {
            let mut effects = close(receipt, failure.status);
            effects.list.extend(probe.told(&failure).list);
            (State::Failed, effects)
        }
    }
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
fn refuse(reject: &Reject, dialect: Dialect, mut receipt: Receipt) -> (State, Effects) {
    receipt.close(Outcome::Refused);
    let effects = Effects::wait(vec![
        Effect::SetState(field::RECEIPT, receipt.encode()),
        Effect::Answer(reject.answer(dialect)),
    ]);
    (State::Done, effects)
}
