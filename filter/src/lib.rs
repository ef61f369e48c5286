//! The shell: turns Envoy's callbacks into events, hands them to the gateway's machines, and performs the effects. It
//! decides nothing.
//!
//! `root` reads the configuration, `stream` receives the callbacks, `perform` does what the machines say, `telemetry`
//! keeps the metrics' ids, and `host` is the only code that calls Envoy.
#![expect(missing_docs, reason = "the SDK's macro exports a function without one")]

mod host;
mod perform;
mod root;
mod stream;
mod telemetry;

use proxy_wasm::traits::RootContext;

proxy_wasm::main! {{
    proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(root::Root::default()) });
}}
