//! What a stream has told so far: usage, and how it ended.

use crate::chat::{Delta, Usage};
use crate::event::Cut;

/// What a stream has told so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// What was used, as far as it is known.
    pub usage: Option<Usage>,
    /// Whether it has said anything of the answer.
    pub begun: bool,
    /// Whether and how it ended.
    pub ending: Ending,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// It has not.
    #[default]
    Open,
    /// With its last event.
    Complete,
    /// With an error event.
    Failed,
    /// It has not, for all that is known: an event was too long to be held, and may have said so.
    Unread,
}

impl Ending {
    /// Whether more was to come, for all that is known.
    pub fn is_open(self) -> bool {
        match self {
            Ending::Open | Ending::Unread => true,
            Ending::Complete | Ending::Failed => false,
        }
    }

    /// Whether a stream that stood so when it was `cut` failed its client, who may well go away once it has read an error.
    pub fn is_broken(self, cut: Cut) -> bool {
        match self {
            Ending::Failed => true,
            Ending::Open | Ending::Unread => matches!(cut, Cut::Behind { .. }),
            Ending::Complete => false,
        }
    }
}

impl Progress {
    /// Takes note of an event that was not read.
    pub fn miss(&mut self) {
        if self.ending == Ending::Open {
            self.ending = Ending::Unread;
        }
    }

    /// Takes note of the next step.
    pub fn note(&mut self, delta: &Delta<'_>) {
        match delta {
            Delta::Usage(usage) => self.usage = Some(*usage),
            Delta::End => self.ending = Ending::Complete,
            Delta::Failed(_) => self.ending = Ending::Failed,
            Delta::Start { .. } => self.begun = true,
            Delta::Text { .. }
            | Delta::Refusal { .. }
            | Delta::Thinking { .. }
            | Delta::Signature { .. }
            | Delta::RedactedThinking { .. }
            | Delta::CallStart { .. }
            | Delta::CallArguments { .. }
            | Delta::Finish { .. } => {}
        }
    }
}
