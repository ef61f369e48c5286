//! What the shell shall do: the only output of the machines.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::dialects::Dialect;
use crate::secret::Secret;

/// What follows from an event: whether the stream goes on, and what is done first, in order.
#[derive(Debug, PartialEq)]
pub struct Effects {
    /// Whether the stream goes on.
    pub flow: Flow,
    /// What is done, in order.
    pub list: Vec<Effect>,
}

/// Whether the stream goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// What is here goes to the next filter.
    Continue,
    /// What is here is held until a later event lets it go.
    Wait,
}

/// One thing to do.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Sets a request header, whatever stood there.
    SetRequestHeader(&'static str, Cow<'static, str>),
    /// Sets a request header to a credential. Never printed.
    Authenticate(&'static str, Secret),
    /// Removes a request header.
    RemoveRequestHeader(Cow<'static, str>),
    /// Says how much of the beginning of the request's body attempt must see; `usize::MAX` for all of it.
    ReadRequest(usize),
    /// Replaces the first `bytes` bytes of the request body that is held.
    ReplaceRequestPrefix {
        /// How many bytes go.
        bytes: usize,
        /// What comes in their place.
        with: Vec<u8>,
    },
    /// Sets a response header, whatever stood there.
    SetReplyHeader(&'static str, Cow<'static, str>),
    /// Removes a response header.
    RemoveReplyHeader(&'static str),
    /// Replaces the piece of the reply that is here, or the whole reply that is held.
    ReplaceReply(Vec<u8>),
    /// Says how the reply's body is read from here on.
    Read(ReadReply),
    /// Ends the request with an answer of the gateway's own.
    Answer(Answer),
    /// Leaves a value for the other position, the access log and other filters: filter state `wasm.tollgate.<field>`.
    SetState(&'static str, Vec<u8>),
    /// The model has a single target: attempt follows here and now, for the model at this index of the configuration.
    AttemptHere {
        /// The model's index.
        model: usize,
        /// What attempt must know, as [`Handoff::encode`](crate::handoff::Handoff::encode) writes it.
        handoff: Vec<u8>,
    },
    /// The routing headers changed: the route is to be chosen again.
    ChooseRouteAgain,
    /// Adds to a metric.
    Record(Sample),
}

/// How the reply's body reaches the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadReply {
    /// Not at all.
    Not,
    /// Piece by piece, as it comes.
    Pieces,
    /// As a whole, when it is complete.
    Whole,
}

/// An answer of the gateway's own.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers beside `content-type: application/json`.
    pub headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// The body, JSON.
    pub body: Vec<u8>,
    /// A word for the access log's response code details.
    pub details: &'static str,
}

/// A value for a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Which metric, and with which labels.
    pub series: Series,
    /// How much.
    pub amount: u64,
}

/// A metric with its labels. Every label is bounded: names from the configuration, or words of our own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Series {
    /// Which metric.
    pub metric: Metric,
    /// The labels of the target.
    pub target: Labels,
    /// The client's dialect, where the metric has that label.
    pub dialect: Option<Dialect>,
    /// A word or number that the metric adds, such as a status; empty for none.
    pub word: Cow<'static, str>,
}

/// Labels as `;name=value` pairs, made once with the policy; see [`labels`](crate::telemetry::labels). Two are equal
/// where they are the same allocation, which makes them cheap to look up on every request.
#[derive(Clone, Debug)]
pub struct Labels(Rc<str>);

impl Labels {
    /// Takes the pairs; empty for no label.
    pub fn new(pairs: &str) -> Self {
        Self(pairs.into())
    }

    /// The pairs.
    pub fn pairs(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Rc::as_ptr(&self.0).cast::<u8>().hash(state);
    }
}

/// The metrics. Their names are in [`telemetry`](crate::telemetry).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Requests answered, by status.
    Requests,
    /// Requests refused by the gateway, by code.
    Rejects,
    /// Tries, by outcome.
    Attempts,
    /// Requests that lost something in translation.
    Unsupported,
    /// Replies that failed behind their heads: streams, and whole replies that passed as they came.
    BrokenStreams,
    /// Tokens, by type.
    Tokens,
    /// Tokens per request, by type.
    TokenUsage,
    /// Milliseconds from request to the end of the reply.
    RequestDuration,
    /// Milliseconds from request to the first piece of a streamed reply.
    TimeToFirstToken,
}

impl Effects {
    /// Lets the stream go on.
    pub fn go_on(list: Vec<Effect>) -> Self {
        Self { flow: Flow::Continue, list }
    }

    /// Holds what is here.
    pub fn wait(list: Vec<Effect>) -> Self {
        Self { flow: Flow::Wait, list }
    }

    /// Ends the request with `answer`.
    pub fn answer(answer: Answer) -> Self {
        Self::wait(vec![Effect::Answer(answer)])
    }

    /// Adds an effect behind the others.
    #[must_use]
    pub fn and(mut self, effect: Effect) -> Self {
        self.list.push(effect);
        self
    }
}
