//! OpenAI's Chat Completions, and what the servers that imitate it do differently.
//!
//! Runs on the edge for clients that speak it and in an attempt for providers that do. Field names and values are those
//! of OpenAI's API reference (`POST /v1/chat/completions`) and of its published client `openai` 3.54; where another
//! server's habit is accepted, the reader names that server. What the gateway's types cannot hold is reported as
//! [`Unsupported`](crate::chat::Unsupported) unless it has its default value; nothing here decides what follows from it.
//!
//! Not expressible in a reply of this dialect, and therefore left out of it: the signature of reasoning, encrypted
//! reasoning, and which stop text ended the answer. Reasoning itself is written as `reasoning_content`, the field
//! that DeepSeek introduced and that vLLM, SGLang and llama.cpp share.

mod content;
mod failure;
mod message_read;
mod message_write;
mod models;
mod outline;
mod path;
mod reply_read;
mod reply_write;
mod request_read;
mod request_write;
mod settings;
mod stream_read;
mod stream_write;
mod usage;

pub use failure::{read_failed_reply, read_failure, write_failure};
pub use outline::{is_notable, is_usage_only, outline, read_usage};
pub use reply_read::read_reply;
pub use reply_write::write_reply;
pub use request_read::read_request;
pub use request_write::write_request;
pub use stream_read::StreamReader;
pub use stream_write::StreamWriter;

#[cfg(test)]
mod tests;
