//! How much is measured: enough for the numbers to be compared with targets, or only enough to see a mistake.

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Enough for the numbers to be compared with targets.
    Full,
    /// Enough to see that something is wrong.
    Quick,
}

impl Effort {
    /// The one or the other.
    pub fn choose<T>(self, full: T, quick: T) -> T {
        match self {
            Self::Full => full,
            Self::Quick => quick,
        }
    }
}
