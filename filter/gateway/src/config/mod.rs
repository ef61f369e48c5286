//! Configuration in two layers: what people write and what the filter reads.
//!
//! `written` is `gateway.yaml`: unknown fields are mistakes, and `compile` reports every [`Problem`] with
//! its path. `settings` is the filter's own JSON, which only the compiler writes. Nothing here touches a file or the
//! environment.
//!
//! [`Problem`]: problem::Problem

pub mod settings;
