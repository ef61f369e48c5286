//! The gateway: what Tollgate decides, without a host, a clock, randomness or IO.
//!
//! Two state machines take events and return effects: `edge`, once per request, and `attempt`, once per try. The
//! shell (the `tollgate-filter` crate) turns Envoy's callbacks into events and performs the effects.

pub mod config;
