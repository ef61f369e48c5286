//! What a stream has told so far: usage, and how it ended.

use crate::chat::{Delta, Usage};

/// What a stream has told so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// What was used, as far as it is known.
    pub usage: Option<Usage>,
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
    /// Nobody knows: it passes unread since an event was too long to be held.
    Unread,
}

impl Progress {
    /// Takes note of the next step.
    pub fn note(&mut self, delta: &Delta<'_>) {
        match delta {
            Delta::Usage(usage) => self.usage = Some(*usage),
            Delta::End => self.ending = Ending::Complete,
            Delta::Failed(_) => self.ending = Ending::Failed,
            Delta::Start { .. }
            | Delta::Text { .. }
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
