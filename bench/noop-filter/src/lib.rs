//! A proxy-wasm filter that does nothing: what it costs is the price of having a wasm filter at all.
//!
//! It is built like the real filter, with the same SDK and profile, so Envoy makes a context for each stream and calls
//! into the module for each part of it, and every call returns at once. Only the benchmark uses it.

#![expect(missing_docs, reason = "the SDK's macro exports a function without one")]

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::ContextType;

struct Root;
struct Stream;

impl Context for Root {}
impl Context for Stream {}
impl HttpContext for Stream {}

impl RootContext for Root {
    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

proxy_wasm::main! {{
    proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(Root) });
}}
