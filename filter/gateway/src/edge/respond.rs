//! The way back: follows one reply from its head to its end.

use super::State;
use super::account;
use super::ask::Asked;
use super::policy::Policy;
use super::progress::{Ending, Progress};
use super::reply::{Advice, Answered, Course, First, advice, course, told, tries};
use super::translate;
use crate::chat::{Delivery, Failure, Usage};
use crate::dialects::Dialect;
use crate::effect::{Answer, Effect, Effects, ReadReply};
use crate::event::{Cut, EdgeEvent, Head, Origin};
use crate::handoff::{Outcome, Receipt};
use crate::reject::{UpstreamFault, answer};
use crate::telemetry::field;

/// A reply whose head has come.
#[derive(Debug)]
pub struct Replying {
    answered: Answered,
    course: Course,
    /// How the tries went, for an error message.
    tries: String,
    /// What the provider says beside its error, for an answer in its place.
    advice: Advice,
}

/// A reply's head with what comes along.
pub struct Arrival<'e> {
    /// The head.
    pub head: &'e Head,
    /// Whether no body follows.
    pub end: bool,
    /// What attempt left.
    pub receipt: Option<Vec<u8>>,
    /// Who wrote it.
    pub origin: Origin,
}

/// Begins with the reply to `asked`.
pub fn begin(policy: &Policy, asked: Asked, arrival: Arrival<'_>) -> (State, Effects) {
    let mut receipt = arrival.receipt.as_deref().and_then(Receipt::decode);
    if let (Some(receipt), Origin::Provider) = (receipt.as_mut(), arrival.origin) {
        // Right behind edge attempt sees no reply, so it is edge that closes its receipt.
        receipt.close(Outcome::Status(arrival.head.status()));
    }
    let receipt = receipt.as_ref();
    let course = course(policy, &asked, &arrival, receipt);
    let mut opening = Vec::new();
    if let Some(receipt) = receipt {
        opening.extend(told(policy, &asked, receipt));
        opening.extend(account::tried(&asked, receipt));
    }
    let target = receipt.and_then(Receipt::told).map(|told| told.target).unwrap_or_default();
    let status = arrival.head.status();
    let is_stream = matches!(course, Course::WatchStream(_) | Course::TranslateStream(_));
    let first = if is_stream { First::Awaited } else { First::NotAwaited };
    let answered = Answered { asked, target, status, first, usage: None };
    let replying = Replying { answered, course, tries: tries(receipt), advice: advice(arrival.head) };
    replying.open(opening, arrival.end)
}

impl Replying {
    /// What is done at the head.
    fn open(mut self, mut effects: Vec<Effect>, end: bool) -> (State, Effects) {
        match &self.course {
            Course::Pass => effects.push(Effect::Read(ReadReply::Not)),
            Course::Watch(_) if end => self.course = Course::Pass,
            Course::Watch(_) => effects.push(Effect::Read(ReadReply::Pieces)),
            Course::WatchStream(_) | Course::TranslateStream(_) if end => {
                return self.replace(UpstreamFault::BrokenOff, effects);
            }
            // A stream may end with an event of ours, so no length can be promised.
            Course::WatchStream(_) | Course::TranslateStream(_) => {
                effects.push(Effect::RemoveReplyHeader("content-length"));
                effects.push(Effect::Read(ReadReply::Pieces));
            }
            Course::Translate(_) if end => return self.replace(UpstreamFault::Unreadable, effects),
            Course::TellFailure(from) if end => {
                let told = UpstreamFault::Told(from.read_failure(self.answered.status, b""));
                return self.replace(told, effects);
            }
            Course::Translate(_) | Course::TellFailure(_) => {
                effects.push(Effect::Read(ReadReply::Whole));
                effects.push(self.leave(&UpstreamFault::BrokenOff));
                return (State::Replying(self), Effects::wait(effects));
            }
            Course::Replace(fault) => {
                let fault = fault.clone();
                self.course = Course::Pass;
                return self.replace(fault, effects);
            }
        }
        (State::Replying(self), Effects::go_on(effects))
    }

    /// Takes an event of the reply.
    pub fn on(mut self, policy: &Policy, event: EdgeEvent<'_>) -> (State, Effects) {
        match event {
            EdgeEvent::FirstPiece { now } => {
                self.answered.first = First::At(now);
                (State::Replying(self), Effects::go_on(Vec::new()))
            }
            EdgeEvent::ReplyPiece { bytes, end } => {
                let effects = self.piece(bytes, end);
                (State::Replying(self), Effects::go_on(effects))
            }
            EdgeEvent::ReplyGrew { bytes } if bytes > policy.bounds.response_body_bytes => self.too_large(),
            EdgeEvent::ReplyGrew { .. } => (State::Replying(self), Effects::wait(Vec::new())),
            EdgeEvent::ReplyBody { body } => self.body(policy, body),
            EdgeEvent::Over { now, cut } => (State::Done, Effects::go_on(self.over(now, cut))),
            EdgeEvent::RequestHead { .. }
            | EdgeEvent::RequestGrew { .. }
            | EdgeEvent::RequestBody { .. }
            | EdgeEvent::ReplyHead { .. } => (State::Replying(self), Effects::go_on(Vec::new())),
        }
    }

    /// Whether this is a stream whose first piece has not come.
    pub fn awaits_first_piece(&self) -> bool {
        self.answered.first == First::Awaited
    }

    /// Whether the reply is not complete.
    pub fn awaits_more(&self) -> bool {
        match &self.course {
            Course::WatchStream(watch) => watch.progress().ending.is_open(),
            Course::TranslateStream(translation) => translation.progress().ending.is_open(),
            Course::Watch(_) | Course::Translate(_) | Course::TellFailure(_) => true,
            Course::Pass | Course::Replace(_) => false,
        }
    }

    /// The request is over.
    fn over(mut self, now: u64, cut: Cut) -> Vec<Effect> {
        let is_broken = match &self.course {
            // A stream that has come to its end is not watched any more: this one was cut.
            Course::WatchStream(watch) => watch.progress().ending.is_broken(cut),
            Course::TranslateStream(translation) => translation.progress().ending.is_broken(cut),
            // The client has the status of a success, and a part of a body.
            Course::Watch(_) => matches!(cut, Cut::Behind { .. }),
            Course::Translate(_) | Course::TellFailure(_) => {
                self.answered.status = match cut {
                    Cut::Unknown => self.answered.status,
                    Cut::ByClient => 0,
                    Cut::Behind { status } => status,
                };
                false
            }
            Course::Pass | Course::Replace(_) => false,
        };
        let mut effects = account::answered(&self.answered, now);
        if is_broken {
            effects.extend(account::broken(&self.answered));
        }
        effects
    }

    fn piece(&mut self, bytes: &[u8], end: bool) -> Vec<Effect> {
        let (replaced, progress): (_, Progress) = match &mut self.course {
            Course::Watch(watch) => {
                watch.push(bytes);
                if end {
                    self.answered.usage = watch.usage();
                    self.course = Course::Pass;
                }
                return Vec::new();
            }
            Course::WatchStream(watch) => {
                let mut replaced = watch.push(bytes);
                if end {
                    let tail = watch.finish();
                    if !tail.is_empty() {
                        replaced.get_or_insert_with(|| bytes.to_vec()).extend_from_slice(&tail);
                    }
                }
                (replaced, watch.progress())
            }
            Course::TranslateStream(translation) => {
                let mut out = translation.push(bytes);
                if end {
                    out.extend_from_slice(&translation.finish());
                }
                (Some(out), translation.progress())
            }
            Course::Pass | Course::Translate(_) | Course::TellFailure(_) | Course::Replace(_) => {
                return Vec::new();
            }
        };
        self.answered.usage = progress.usage;
        let mut effects: Vec<_> = replaced.map(Effect::ReplaceReply).into_iter().collect();
        if end {
            self.course = Course::Pass;
            if matches!(progress.ending, Ending::Open | Ending::Failed) {
                effects.extend(account::broken(&self.answered));
            }
        }
        effects
    }

    /// The whole reply is here.
    fn body(mut self, policy: &Policy, body: &[u8]) -> (State, Effects) {
        if body.len() > policy.bounds.response_body_bytes {
            return self.too_large();
        }
        let to = self.answered.asked.dialect;
        let written = match &self.course {
            Course::Translate(from) => match translated(*from, &self.answered.asked, body) {
                Ok((written, usage)) => {
                    self.answered.usage = usage;
                    written
                }
                Err(fault) => return self.replace_held(fault),
            },
            Course::TellFailure(from) => {
                let told = UpstreamFault::Told(from.read_failure(self.answered.status, body));
                let mut written = Vec::with_capacity(body.len());
                to.write_failure(&told.failure(&self.tries), &mut written);
                written
            }
            Course::Pass
            | Course::Watch(_)
            | Course::WatchStream(_)
            | Course::TranslateStream(_)
            | Course::Replace(_) => return (State::Replying(self), Effects::go_on(Vec::new())),
        };
        let length = written.len().to_string();
        let effects = vec![
            Effect::SetReplyHeader("content-type", "application/json".into()),
            Effect::SetReplyHeader("content-length", length.into()),
            Effect::RemoveReplyHeader("content-encoding"),
            Effect::ReplaceReply(written),
        ];
        self.course = Course::Pass;
        (State::Replying(self), Effects::go_on(effects))
    }

    /// The reply is longer than may be held. Of an error its status can be told all the same.
    fn too_large(self) -> (State, Effects) {
        let fault = match &self.course {
            Course::TellFailure(from) => UpstreamFault::Told(from.read_failure(self.answered.status, b"")),
            Course::Pass
            | Course::Watch(_)
            | Course::WatchStream(_)
            | Course::Translate(_)
            | Course::TranslateStream(_)
            | Course::Replace(_) => UpstreamFault::TooLarge,
        };
        self.replace_held(fault)
    }

    /// Puts an error of our own in the place of a reply that is held.
    fn replace_held(self, fault: UpstreamFault) -> (State, Effects) {
        // To Envoy our answer is one of its own, for which it tells what was left.
        let left = self.leave(&fault);
        self.replace(fault, vec![left])
    }

    /// Leaves the error that Envoy tells in the place of a reply that is held. When its provider breaks off, Envoy answers
    /// past all filters, since the head has begun its way through them.
    fn leave(&self, fault: &UpstreamFault) -> Effect {
        let failure = fault.failure(&self.tries);
        Effect::SetState(field::FAILURE, answer(&failure, self.answered.asked.dialect, fault.code()).body)
    }

    /// Puts an error of our own in the place of the reply.
    fn replace(mut self, fault: UpstreamFault, opening: Vec<Effect>) -> (State, Effects) {
        let failure = fault.failure(&self.tries);
        let mut answer: Answer = answer(&failure, self.answered.asked.dialect, fault.code());
        // The answer has a head of its own, so headers that were meant for the reply move over.
        let mut effects = Vec::with_capacity(opening.len());
        for effect in opening {
            match effect {
                Effect::SetReplyHeader(name, value) => answer.headers.push((name.into(), value)),
                other => effects.push(other),
            }
        }
        answer.headers.append(&mut self.advice);
        effects.push(Effect::Answer(answer));
        self.answered.status = failure.status;
        self.course = Course::Pass;
        (State::Replying(self), Effects::wait(effects))
    }
}

/// The whole reply `body` in the client's dialect, or what went wrong: some providers answer 200 and then tell an error.
fn translated(from: Dialect, asked: &Asked, body: &[u8]) -> Result<(Vec<u8>, Option<Usage>), UpstreamFault> {
    let translated = match asked.delivery {
        Delivery::Whole => translate::whole(from, asked.dialect, body, asked.date()),
        // Where a stream was asked for, a whole reply can only be an error.
        Delivery::Stream { .. } => None,
    };
    translated.ok_or_else(|| match from.read_failed_reply(body) {
        Some(Failure { status: 401 | 403, .. }) => UpstreamFault::KeyRefused,
        Some(failure) => UpstreamFault::Told(failure),
        None => UpstreamFault::Unreadable,
    })
}
