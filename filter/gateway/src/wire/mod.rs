//! Bytes without AI meaning: bounded JSON and server-sent events. Every reader here is bounded and total: any input
//! gives a value or an error, in time linear in its length.

pub mod json;
pub(crate) mod scan;
pub mod sse;
