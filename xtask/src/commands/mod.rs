//! One module per verb of `cargo xtask`.

pub mod check;
pub mod setup;
pub mod wasm;
