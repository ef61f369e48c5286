//! The canonical conversation: what every dialect reads into and writes from.
//!
//! Values borrow from the document they were read from, and text stays escaped as it came, so a translation copies
//! it once. A dialect that meets something no variant here can hold adds an [`Unsupported`] to the chat; one
//! that cannot write a variant reports it. Nothing is dropped in silence.

mod digest;
mod reply;
mod request;
mod text;

pub use digest::{call_id, digest, shortened, stand_in};
pub use reply::{Choice, Delta, ErrorClass, Failure, Finish, Reply, Usage};
pub use request::{
    Chat, Delivery, Effort, Format, Image, Message, Part, Role, Setting, Tool, ToolChoice, Unsupported,
};
pub use text::Text;

#[cfg(test)]
mod tests;
