//! Configuration in two layers: what people write and what the filter reads.
//!
//! `written` is `gateway.yaml`: unknown fields are mistakes, and [`compile`] reports every [`Problem`] with
//! its path. `settings` is the filter's own JSON, which only the compiler writes. Nothing here touches a file or the
//! environment.

mod address;
mod compile;
mod compiled;
mod names;
mod problem;
mod providers;
mod retry;
pub mod settings;
mod targets;
mod units;
pub mod written;

#[cfg(test)]
mod tests;

pub use address::{Host, Scheme, Upstream};
pub use compile::compile;
pub use compiled::{Bounds, Chain, Compiled, Endpoint, Model, Provider};
pub use names::nearest;
pub use problem::{At, Path, Problem, Step};
pub use retry::RetryOn;
pub use units::{Period, Size};
pub use written::Written;
