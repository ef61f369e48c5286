//! Edge: the downstream position, once per request. It reads what a client asks, chooses the model's cluster and hands
//! over to attempt; on the way back it reads usage and writes the client's dialect. It never sends anything itself.
//!
//! A request goes through these states, each holding what is known by then:
//! `Begun → Reading → Sent → Replying`, or `Done` as soon as the gateway has answered itself.

mod account;
mod admit;
mod ask;
mod catalog;
mod narrow;
mod policy;
mod progress;
mod relay;
mod reply;
mod respond;
mod translate;

use std::rc::Rc;

use crate::dialects::Dialect;
use crate::effect::{Effect, Effects};
use crate::event::EdgeEvent;
use crate::reject::Reject;
use admit::Admission;
use ask::{Asked, Reading};
pub use policy::{Model, Policy, Where};
use respond::Replying;

/// One request, as edge sees it.
#[derive(Debug)]
pub struct Edge {
    policy: Rc<Policy>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing is known.
    Begun,
    /// The head was read, the body is awaited.
    Reading(Reading),
    /// The request is with the router.
    Sent(Asked),
    /// The reply is passing.
    Replying(Replying),
    /// Nothing more is done.
    Done,
}

impl Edge {
    /// A machine for one request.
    pub fn new(policy: Rc<Policy>) -> Self {
        Self { policy, state: State::Begun }
    }

    /// Takes an event and says what follows. An event that does not fit the state changes nothing.
    pub fn on(&mut self, event: EdgeEvent<'_>) -> Effects {
        let (state, effects) = match (std::mem::replace(&mut self.state, State::Done), event) {
            (State::Begun, EdgeEvent::RequestHead { head, end, now }) => {
                match admit::admit(&self.policy, head, end) {
                    Admission::Read { dialect, beside, cleaning } => {
                        let reading = Reading { dialect, since: now, beside, cleaning };
                        (State::Reading(reading), Effects::wait(Vec::new()))
                    }
                    Admission::Passed => (State::Done, Effects::go_on(Vec::new())),
                    Admission::Answered(answer) => (State::Done, Effects::answer(answer)),
                    Admission::Refused(reject, dialect) => refuse(&self.policy, &reject, dialect),
                }
            }
            (State::Reading(reading), EdgeEvent::RequestGrew { bytes }) => match self.over_bound(bytes) {
                Some(reject) => refuse(&self.policy, &reject, reading.dialect),
                None => (State::Reading(reading), Effects::wait(Vec::new())),
            },
            (State::Reading(reading), EdgeEvent::RequestBody { body, document }) => {
                let dialect = reading.dialect;
                let asked = match self.over_bound(body.len()) {
                    Some(reject) => Err(reject),
                    None => ask::ask(&self.policy, reading, body, document),
                };
                match asked {
                    Ok((asked, effects)) => (State::Sent(asked), Effects::go_on(effects)),
                    Err(reject) => refuse(&self.policy, &reject, dialect),
                }
            }
            (State::Sent(asked), EdgeEvent::ReplyHead { head, end, receipt, origin }) => {
                let arrival = respond::Arrival { head, end, receipt, origin };
                respond::begin(&self.policy, asked, arrival)
            }
            (State::Sent(asked), EdgeEvent::Over { .. }) => {
                (State::Done, Effects::go_on(account::abandoned(&self.policy, &asked)))
            }
            (State::Replying(replying), event) => replying.on(&self.policy, event),
            // Whatever else comes: nothing was learnt from it, and nothing is held back.
            (state, _) => (state, Effects::go_on(Vec::new())),
        };
        self.state = state;
        effects
    }

    /// Whether the request's body is wanted.
    pub fn awaits_body(&self) -> bool {
        matches!(self.state, State::Reading(_))
    }

    /// Whether a reply that comes now is a provider's or Envoy's, and not an answer of this machine.
    pub fn awaits_reply(&self) -> bool {
        matches!(self.state, State::Sent(_))
    }

    /// Whether the reply is a stream whose first piece has not come.
    pub fn awaits_first_piece(&self) -> bool {
        matches!(&self.state, State::Replying(replying) if replying.awaits_first_piece())
    }

    /// Whether a reply has begun and is not complete.
    pub fn awaits_more(&self) -> bool {
        matches!(&self.state, State::Replying(replying) if replying.awaits_more())
    }

    fn over_bound(&self, bytes: usize) -> Option<Reject> {
        let bytes_max = self.policy.bounds.request_body_bytes;
        (bytes > bytes_max).then_some(Reject::BodyTooLarge { bytes_max })
    }
}

fn refuse(policy: &Policy, reject: &Reject, dialect: Dialect) -> (State, Effects) {
    let mut effects = account::refused(policy, dialect, reject.code());
    effects.push(Effect::Answer(reject.answer(dialect)));
    (State::Done, Effects::wait(effects))
}
