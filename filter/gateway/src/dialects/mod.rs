//! Wire formats. Each has a reader and a writer around [`chat`](crate::chat), for requests, replies, streams and
//! errors; none knows another. Only [`Dialect`] and the streams' enums name them all.

pub mod anthropic_messages;
mod dialect;
pub mod openai_chat;
mod outline;
mod stream;

pub use dialect::Dialect;
pub use outline::{Outline, UsagePatch};
pub use stream::{StreamReader, StreamWriter};

/// A request that is JSON and yet not a request of its dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The path of the field at fault, such as `messages[2].content`.
    pub param: String,
    /// What is wrong with it.
    pub fault: InvalidFault,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidFault {
    /// The dialect demands it.
    Missing,
    /// It is of another type or outside its values.
    Wrong,
}

/// A provider's body that is not what its dialect says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;
