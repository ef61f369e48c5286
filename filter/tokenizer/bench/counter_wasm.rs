//! This crate as a module for the benchmark: both encodings, and nothing else.
#![expect(
    unsafe_code,
    reason = "exporting a function by name is an unsafe attribute, and `_initialize` calls what the linker makes"
)]

use std::cell::RefCell;
use tollgate_tokenizer::{Encoding, Scratch};

thread_local! {
    static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch::new()) };
}

#[cfg(target_family = "wasm")]
unsafe extern "C" {
    fn __wasm_call_ctors();
}

/// What a host calls first. Without it the linker would run the constructors around every export.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
pub extern "C" fn _initialize() {
    // SAFETY: the linker defines it, and this is its only call.
    unsafe { __wasm_call_ctors() }
}

/// Makes room for a text and says where to write it.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *const u8 {
    BYTES.set(vec![b' '; bytes]);
    BYTES.with_borrow(|bytes| bytes.as_ptr())
}

/// Takes what was written for the text to count.
#[unsafe(no_mangle)]
pub extern "C" fn ready() {
    TEXT.set(String::from_utf8(BYTES.take()).unwrap_or_default());
}

/// Gets the tokenizer ready: nothing to do here.
#[unsafe(no_mangle)]
pub extern "C" fn start(_encoding: usize) {}

/// Forgets recent pieces.
#[unsafe(no_mangle)]
pub extern "C" fn forget() {
    SCRATCH.with_borrow_mut(|scratch| *scratch = Scratch::new());
}

/// Counts the text between two character boundaries.
#[unsafe(no_mangle)]
pub extern "C" fn count(encoding: usize, from: usize, to: usize) -> usize {
    let encoding = if encoding == 0 { Encoding::O200kBase } else { Encoding::Cl100kBase };
    TEXT.with_borrow(|text| {
        let text = text.get(from..to).unwrap_or_default();
        SCRATCH.with_borrow_mut(|scratch| scratch.count(encoding, text).get() as usize)
    })
}
