//! A server of one's own.

use super::{Endpoint, Kind};

/// The facts.
pub const KIND: Kind = Kind {
    name: "self_hosted",
    about: "Any server that speaks one of the dialects, such as vLLM or llama.cpp.",
    endpoint: Endpoint::Written,
    key: "LOCAL_API_KEY",
};
