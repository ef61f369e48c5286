//! Any bytes as text, counted here and by the oracle, whole and in two parts. `cargo test` runs the same check on a few
//! thousand inputs.

#![no_main]

#[path = "../../tests/support/oracle.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    static ORACLE: RefCell<oracle::Oracle> = RefCell::new(oracle::Oracle::new());
}

fuzz_target!(|bytes: &[u8]| {
    ORACLE.with_borrow_mut(|oracle| oracle.check_bytes(bytes)).unwrap();
});
