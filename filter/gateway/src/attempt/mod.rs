//! Attempt: the upstream position, once per try. It makes the client's request the provider's: path, host, credentials
//! and body. It decides no policy, and of a reply it looks at no more than how it begins.
//!
//! Every try starts from the bytes the client sent, so nothing of an earlier try is in a later one; what an earlier try
//! set in the head is set again or removed.

mod machine;
mod patch;
mod policy;
mod prepare;
mod probe;

pub use machine::Attempt;
pub use policy::{Policy, Provider, Replies};
