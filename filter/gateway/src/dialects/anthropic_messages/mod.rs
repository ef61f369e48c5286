//! Anthropic's Messages API (`POST /v1/messages`): requests, whole replies, streams and errors.
//!
//! What the canonical conversation cannot hold and what Anthropic cannot be told is noted, never dropped in silence.
//! The facts stand in tables: models in `models`, stop reasons in `finish`, token counts in `usage`, error types in
//! `failure`. Source of all: <https://platform.claude.com/docs/en/api/messages> and the types of Anthropic's SDKs.

mod calls;
mod failure;
mod finish;
mod form;
mod models;
mod notes;
mod outline;
mod passing;
mod plan;
mod prefill;
mod read_parts;
mod read_request;
mod read_settings;
mod reply;
mod stream_reader;
mod stream_writer;
mod usage;
mod write_parts;
mod write_request;
mod write_settings;

pub use failure::{read_failed_reply, read_failure, write_failure};
pub use outline::outline;
pub use passing::is_notable;
pub use read_request::read_request;
pub use reply::{read_reply, write_reply};
pub use stream_reader::StreamReader;
pub use stream_writer::StreamWriter;
pub use usage::read_usage;
pub use write_request::write_request;

#[cfg(test)]
mod tests;
