//! The `tollgate` command: from `gateway.yaml` to what Envoy reads.
//!
//! It reads files and the environment, and writes files and messages; what a configuration means is decided in the
//! gateway's library. It never talks to Envoy, and no secret ever passes through it into a file or a message.

pub mod args;
pub mod diagnose;
pub mod load;
pub mod mask;
pub mod render;
pub mod schema;
pub mod yaml;
