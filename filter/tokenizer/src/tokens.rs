//! Numbers of tokens.

use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign};

/// A number of tokens. Adding stops at the largest number instead of wrapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tokens(u64);

impl Tokens {
    /// No tokens.
    pub const ZERO: Self = Self(0);

    /// This many tokens.
    pub const fn new(tokens: u64) -> Self {
        Self(tokens)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// This many hundredths of the number, rounded up.
    #[must_use]
    pub const fn percent(self, percent: u32) -> Self {
        let hundredths = self.0 as u128 * percent as u128;
        let tokens = hundredths.div_ceil(100);
        Self(if tokens > u64::MAX as u128 { u64::MAX } else { tokens as u64 })
    }
}

impl From<u64> for Tokens {
    fn from(tokens: u64) -> Self {
        Self(tokens)
    }
}

impl Add for Tokens {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Tokens {
    fn sum<I: Iterator<Item = Self>>(tokens: I) -> Self {
        tokens.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// There are more tokens than the limit; how many more was not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit that was given.
    pub limit: Tokens,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "more than {} tokens", self.limit)
    }
}

impl core::error::Error for Exceeded {}
