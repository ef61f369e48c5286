//! What could not be carried over, each path once.

use std::borrow::Cow;

use crate::chat::Unsupported;

/// The most paths one request can leave behind; a client that sends more unknown fields learns of the first ones.
const PATHS_MAX: usize = 32;
/// The longest name of a field that is repeated in a path.
const NAME_BYTES_MAX: usize = 48;

/// Collects the paths of what was left out.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Unsupported>);

impl Notes {
    /// Notes the path of something the dialect knows and cannot express.
    pub(super) fn add(&mut self, path: &'static str) {
        self.push(Unsupported(Cow::Borrowed(path)));
    }

    /// Notes the field `name` under `prefix`. A name that is no plain word is not repeated: it was chosen by the
    /// client, and paths end up in headers.
    pub(super) fn field(&mut self, prefix: &'static str, name: &str) {
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        let name = if is_word && (1..=NAME_BYTES_MAX).contains(&name.len()) { name } else { "?" };
        self.push(Unsupported(Cow::Owned([prefix, name].concat())));
    }

    fn push(&mut self, path: Unsupported) {
        if self.0.len() < PATHS_MAX && !self.0.contains(&path) {
            self.0.push(path);
        }
    }

    /// The paths, in the order they were met.
    pub(super) fn into_paths(self) -> Vec<Unsupported> {
        self.0
    }
}
