//! One module per verb of `cargo xtask`; measuring has a folder of its own beside this one.

pub mod check;
pub mod setup;
pub mod test;
pub mod up;
pub mod wasm;
