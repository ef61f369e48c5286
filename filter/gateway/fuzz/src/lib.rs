//! What must hold for any bytes, as functions that panic where it does not. `cargo fuzz` feeds them for as long as it
//! is left running, and `tests/fuzz.rs` for a few seconds in every test run.

mod bytes;
mod dialects;
mod streams;

pub use bytes::{json, sse};

use tollgate_gateway::dialects::Dialect;

/// Any bytes as everything that `dialect` reads.
pub fn dialect(dialect: Dialect, data: &[u8]) {
    dialects::request(dialect, data);
    dialects::reply(dialect, data);
    dialects::failure(dialect, data);
    streams::stream(dialect, data);
}
