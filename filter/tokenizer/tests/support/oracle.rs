//! `tiktoken-rs` as the oracle, and the one comparison that everything goes through.

use tiktoken_rs::CoreBPE;
use tollgate_tokenizer::{Counter, Encoding, Scratch, SpecialText, Tokens};

/// An encoding beside the oracle's.
#[derive(Clone, Copy)]
pub struct Pair {
    pub encoding: Encoding,
    pub oracle: &'static CoreBPE,
}

/// Compares texts; keeps its scratch, so that what one text leaves behind is there for the next.
pub struct Oracle {
    pub pairs: Vec<Pair>,
    scratch: Scratch,
    /// Comparisons made.
    pub compared: u64,
}

impl Oracle {
    pub fn new() -> Self {
        let pairs = vec![
            Pair { encoding: Encoding::O200kBase, oracle: tiktoken_rs::o200k_base_singleton() },
            Pair { encoding: Encoding::Cl100kBase, oracle: tiktoken_rs::cl100k_base_singleton() },
        ];
        Self { pairs, scratch: Scratch::new(), compared: 0 }
    }

    /// Ids, counts, limits and the way back must agree in every encoding. Says what differs.
    pub fn check(&mut self, text: &str) -> Result<(), String> {
        for at in 0..self.pairs.len() {
            let Pair { encoding, oracle } = self.pairs[at];
            let expected = oracle.encode_ordinary(text);
            let differs = |what: &str| Err(format!("{}: {what} of {text:?}", encoding.name()));
            let ids = encoding.encode(text, SpecialText::Ordinary);
            if ids != expected {
                return differs(&format!("ids {ids:?}, expected {expected:?},"));
            }
            let tokens = Tokens::new(expected.len() as u64);
            if self.scratch.count(encoding, text) != tokens {
                return differs("count");
            }
            // Once more, now that its pieces may be among the recent ones.
            if self.scratch.count_up_to(encoding, text, tokens) != Ok(tokens) {
                return differs("count up to the very count");
            }
            if expected.len() > 1 {
                let limit = Tokens::new(expected.len() as u64 - 1);
                if self.scratch.count_up_to(encoding, text, limit).is_ok() {
                    return differs("count up to one less");
                }
            }
            if encoding.decode(&ids).as_deref() != Ok(text) {
                return differs("decoding");
            }
            self.compared += 1;
        }
        Ok(())
    }

    /// The incremental count of `parts` must be the oracle's of the whole.
    pub fn check_parts(&mut self, text: &str, parts: impl Fn(&str) -> Vec<String>) -> Result<(), String> {
        for at in 0..self.pairs.len() {
            let Pair { encoding, oracle } = self.pairs[at];
            let expected = oracle.count_ordinary(text) as u64;
            let parts = parts(text);
            let mut counter = Counter::new(encoding);
            for part in &parts {
                counter.push_with(&mut self.scratch, part);
            }
            if counter.finish_with(&mut self.scratch).get() != expected {
                return Err(format!("{}: incremental count of {parts:?}", encoding.name()));
            }
            self.compared += 1;
        }
        Ok(())
    }

    /// What the fuzz target runs on its bytes: the first two say where to cut, the rest is the text.
    pub fn check_bytes(&mut self, bytes: &[u8]) -> Result<(), String> {
        let Some((&[high, low], rest)) = bytes.split_first_chunk() else { return Ok(()) };
        let text = String::from_utf8_lossy(rest);
        self.check(&text)?;
        let cut = floor(&text, usize::from(u16::from_be_bytes([high, low])) % (text.len() + 1));
        self.check_parts(&text, |text| vec![text[..cut].to_owned(), text[cut..].to_owned()])
    }
}

/// The last character boundary at or before `at`.
pub fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
