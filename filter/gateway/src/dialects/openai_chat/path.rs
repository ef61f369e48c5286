//! Where in a request a reader stands, and what it could not take along. A path is spelled out only when something is
//! wrong there, so reading a good request costs nothing for it.

use std::borrow::Cow;
use std::fmt;

use crate::chat::Unsupported;
use crate::dialects::{Invalid, InvalidFault};
use crate::wire::json::Str;

/// How many [`Unsupported`] one request reports at most; a hostile request could name a million.
pub(super) const UNSUPPORTED_MAX: usize = 32;
/// The longest key that is repeated in a path.
const KEY_BYTES_MAX: usize = 64;

/// A chain of steps from a field back to the root, kept on the stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'p> {
    up: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The field `key` of the request itself.
    pub(super) fn root(key: &'p str) -> Self {
        Self { up: None, step: Step::Key(key) }
    }

    /// The field `key` of what stands here.
    pub(super) fn key(&'p self, key: &'p str) -> Path<'p> {
        Path { up: Some(self), step: Step::Key(key) }
    }

    /// The element `index` of the array that stands here.
    pub(super) fn index(&'p self, index: usize) -> Path<'p> {
        Path { up: Some(self), step: Step::Index(index) }
    }

    /// The error that this field is not there.
    pub(super) fn missing(&self) -> Invalid {
        Invalid { param: self.to_string(), fault: InvalidFault::Missing }
    }

    /// The error that this field is of another type or outside its values.
    pub(super) fn wrong(&self) -> Invalid {
        Invalid { param: self.to_string(), fault: InvalidFault::Wrong }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(up) = self.up {
            up.fmt(f)?;
        }
        match self.step {
            Step::Key(key) if self.up.is_none() => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// What could not be taken along, up to [`UNSUPPORTED_MAX`].
#[derive(Debug, Default)]
pub(super) struct Notes {
    list: Vec<Unsupported>,
}

impl Notes {
    /// Notes the field at `path`.
    pub(super) fn add(&mut self, path: &Path<'_>) {
        if self.list.len() < UNSUPPORTED_MAX {
            self.list.push(Unsupported(Cow::Owned(path.to_string())));
        }
    }

    /// Notes `name`, once.
    pub(super) fn add_once(&mut self, name: &'static str) {
        if self.list.len() < UNSUPPORTED_MAX && self.list.iter().all(|known| known.0 != name) {
            self.list.push(Unsupported(Cow::Borrowed(name)));
        }
    }

    /// Everything noted, in order.
    pub(super) fn into_list(self) -> Vec<Unsupported> {
        self.list
    }
}

/// `key` as it may stand in a path: keys come from clients and paths end up in headers and metrics, so one that does
/// not look like a field's name is written as `?`.
pub(super) fn spelled(key: Str<'_>) -> &str {
    let raw = key.raw();
    let is_name = raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if is_name && !raw.is_empty() && raw.len() <= KEY_BYTES_MAX { raw } else { "?" }
}
