//! The gateway: what Tollgate decides, without a host, a clock, randomness or IO.
//!
//! Two state machines take events and return effects: `edge`, once per request, and `attempt`, once per try. The
//! shell (the `tollgate-filter` crate) turns Envoy's callbacks into events and performs the effects.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]
#![cfg_attr(not(test), deny(clippy::string_slice, clippy::arithmetic_side_effects, clippy::unreachable))]

pub mod attempt;
pub mod chat;
pub mod config;
pub mod dialects;
pub mod downstream;
pub mod edge;
pub mod effect;
pub mod event;
pub mod handoff;
pub mod headers;
pub mod providers;
pub mod reject;
pub mod secret;
pub mod telemetry;
pub mod wire;
