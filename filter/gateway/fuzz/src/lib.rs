//! What must hold for any bytes, as functions that panic where it does not. `cargo fuzz` feeds them for as long as it
//! is left running, and `tests/fuzz.rs` for a few seconds in every test run.
//!
//! `cargo +nightly fuzz run openai_chat fuzz/corpus/openai_chat testdata/openai_chat` starts from the fixtures. Without
//! `cargo-fuzz`, `FUZZ_RUNS=1000000 cargo test --release --test fuzz` does the same for longer, with damage by chance.

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
