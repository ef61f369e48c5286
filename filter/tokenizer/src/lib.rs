//! Exact token counts.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod cache;
mod chars;
mod chat;
mod count;
mod encoding;
mod layout;
mod merge;
mod model;
mod scratch;
mod special;
mod split;
mod stream;
mod tokens;
mod vocabulary;
mod wide;

pub use chat::{Call, Count, Message, Parameter, Tool, count_chat};
pub use encoding::Encoding;
pub use model::{Exactness, Family, Model};
pub use scratch::Scratch;
pub use stream::{Counter, PENDING_BYTES_MAX};
pub use tokens::{Exceeded, Tokens};

#[cfg(feature = "std")]
mod simple;
#[cfg(feature = "std")]
pub use simple::{count, count_up_to};
#[cfg(feature = "encode")]
mod encode;
#[cfg(feature = "encode")]
pub use encode::{DecodeError, SpecialText};
