//! `tiktoken-rs` as a module for the benchmark, behind the same exports as `counter_wasm`.
#![expect(
    unsafe_code,
    reason = "exporting a function by name is an unsafe attribute, and `_initialize` calls what the linker makes"
)]

use std::cell::RefCell;

thread_local! {
    static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

fn core(encoding: usize) -> &'static tiktoken_rs::CoreBPE {
    if encoding == 0 { tiktoken_rs::o200k_base_singleton() } else { tiktoken_rs::cl100k_base_singleton() }
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

/// Gets the tokenizer ready: parses the vocabulary, fills the maps, compiles the pattern.
#[unsafe(no_mangle)]
pub extern "C" fn start(encoding: usize) {
    core(encoding);
}

/// Nothing is remembered.
#[unsafe(no_mangle)]
pub extern "C" fn forget() {}

/// Counts the text between two character boundaries.
#[unsafe(no_mangle)]
pub extern "C" fn count(encoding: usize, from: usize, to: usize) -> usize {
    TEXT.with_borrow(|text| {
        let text = text.get(from..to).unwrap_or_default();
        core(encoding).count_ordinary(text)
    })
}
