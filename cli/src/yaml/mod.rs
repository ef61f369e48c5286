//! YAML with positions: text to tree, tree to types, and every mistake on the way.
//!
//! A configuration is data for people, so what makes YAML surprising is refused here: anchors and aliases (they can
//! grow without bound), tags, repeated keys and more than one document.

mod decode;
mod read;
mod tolerant;
mod tree;

#[cfg(test)]
mod tests;

pub use decode::{Fault, FaultKind, decode};
pub use read::{SyntaxError, read};
pub use tolerant::{Extent, HARMLESS_BYTES_MAX, read_all, without_consequences};
pub use tree::{Entry, Node, Span, Value};
