//! Any bytes through the JSON reader and the search for members.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tollgate_gateway_fuzz::json(data));
