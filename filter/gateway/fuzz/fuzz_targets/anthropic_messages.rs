//! Any bytes as requests, replies, errors and streams of Messages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_gateway::dialects::Dialect;

fuzz_target!(|data: &[u8]| tollgate_gateway_fuzz::dialect(Dialect::AnthropicMessages, data));
