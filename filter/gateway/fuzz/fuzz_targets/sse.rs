//! Any bytes through the reader of server-sent events, in any pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tollgate_gateway_fuzz::sse(data));
