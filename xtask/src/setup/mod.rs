//! What the commands need on a machine, each prepared once and looked at again every time.
//!
//! Every step is safe to repeat and does nothing when its result is there and whole. The steps of one checkout never run
//! twice at once: whoever prepares holds the lock in `target/setup`.

pub mod client;
pub mod components;
pub mod envoy;
mod envoy_wheels;
pub mod model;
mod python;
pub mod wasm_target;

pub use envoy_wheels::MATRIX;

use crate::failure::Outcome;
use crate::lock::Lock;
use crate::workspace::Workspace;

/// Takes the set-up lock of this checkout; held while anything is prepared.
pub fn lock(workspace: &Workspace) -> Outcome<Lock> {
    Lock::wait(&workspace.setup.join("lock"))
}
