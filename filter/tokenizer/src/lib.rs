//! Exact token counts, as OpenAI's tokenizers count them, from static tables.
//!
//! A text is split into pieces by the encoding's published pattern, and each piece is merged from its bytes by byte pair
//! merging. Both are done here without anything built when the program starts: the tables are made when the crate is
//! compiled and lie in the program's read-only data. How they are laid out, and why, is in the README.
//!
//! What looks like a special token in a text is ordinary text, because it is somebody's input.
//!
//! ```
//! use tollgate_tokenizer::{Encoding, Model, Tokens, count, count_up_to};
//!
//! assert_eq!(count(Encoding::O200kBase, "How many tokens is this?"), Tokens::new(6));
//! assert!(count_up_to(Encoding::O200kBase, &"word ".repeat(1_000_000), Tokens::new(100)).is_err());
//! assert_eq!(Model::named("gpt-4o-mini", Encoding::Cl100kBase).encoding, Encoding::O200kBase);
//! ```
//!
//! - [`count`] and [`count_up_to`] count a whole text, with working memory per thread.
//! - [`Scratch`] is that working memory, for callers that keep their own.
//! - [`Counter`] counts a text that arrives in parts.
//! - [`Model`] says how to count for a model by its name, and [`count_chat`] counts a chat.
//!
//! No count recurses or panics, whatever the text, and its time is linear in the length of the text.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod cache;
mod chars;
mod chat;
mod count;
#[cfg(feature = "encode")]
mod encode;
mod encoding;
mod layout;
mod merge;
mod model;
mod scratch;
#[cfg(feature = "std")]
mod simple;
mod special;
mod split;
mod stream;
mod tokens;
mod vocabulary;
mod waiting;
mod wide;

pub use chat::{Call, Count, Message, Parameter, Tool, count_chat};
#[cfg(feature = "encode")]
pub use encode::{DecodeError, SpecialText};
pub use encoding::Encoding;
pub use model::{Exactness, Family, Model};
pub use scratch::Scratch;
#[cfg(feature = "std")]
pub use simple::{count, count_up_to};
pub use stream::{Counter, PENDING_BYTES_MAX};
pub use tokens::{Exceeded, Tokens};

/// The example in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
