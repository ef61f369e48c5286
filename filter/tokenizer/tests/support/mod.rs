//! What the exactness tests, the exactness run and the fuzz target share: the oracle and the texts.
#![allow(dead_code, reason = "each of them uses a part")]

pub mod corpus;
pub mod oracle;
pub mod random;
