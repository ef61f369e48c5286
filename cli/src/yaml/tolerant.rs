//! All mistakes of a tree, where serde would stop at the first: each mistaken part is noted, taken out, and reading
//! starts again.

use serde::de::DeserializeOwned;
use tollgate_gateway::config::{At, Path, Problem, Step, nearest};

use super::decode::{Fault, FaultKind, decode};
use super::tree::{Node, Value};

/// How many mistakes are noted before reading gives up.
const PROBLEMS_MAX: usize = 100;

/// The longest name that is repeated where a key is configured: no key is as short.
pub const HARMLESS_BYTES_MAX: usize = 8;

/// How much of a document its mistakes were looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// In all of it.
    Whole,
    /// Not in all of it: there were too many.
    Part,
}

/// Decodes what can be decoded of `node`; every mistake is appended to `problems`.
///
/// # Errors
/// There is nothing to decode, or there were more than a hundred mistakes.
pub fn read_all<T: DeserializeOwned>(mut node: Node, problems: &mut Vec<Problem>) -> Result<T, Extent> {
    for _ in 0..PROBLEMS_MAX {
        let fault = match decode(&node) {
            Ok(value) => return Ok(value),
            Err(fault) => fault,
        };
        let problem = problem(&mut node, &fault);
        let taken_out = take_out(&mut node, &fault);
        // An item that became nothing may be refused again; it was noted the first time.
        if !problems.iter().any(|noted| noted.path == problem.path) {
            problems.push(problem);
        }
        if !taken_out {
            return Err(Extent::Whole);
        }
    }
    decode(&node).map_err(|_| Extent::Part)
}

/// Removes what is at fault, so that the rest can be read: an unknown field goes, a mistaken value becomes nothing.
fn take_out(root: &mut Node, fault: &Fault) -> bool {
    let path = fault.path();
    let Some((last, outer)) = path.steps().split_last() else { return false };
    let Some(node) = root.at_mut(path.steps()) else { return false };
    if !matches!(fault.kind, FaultKind::UnknownField(..)) && node.value != Value::Null {
        node.value = Value::Null;
        return true;
    }
    match (root.at_mut(outer).map(|node| &mut node.value), last) {
        (Some(Value::Mapping(entries)), Step::Field(name)) => entries.retain(|entry| entry.key != *name),
        (Some(Value::Sequence(items)), Step::Index(index)) => {
            let Some(item) = items.get_mut(*index) else { return false };
            item.value = Value::TakenOut;
        }
        _ => return false,
    }
    true
}

fn problem(root: &mut Node, fault: &Fault) -> Problem {
    let path = fault.path();
    match &fault.kind {
        FaultKind::UnknownField(field, [name]) if path.is_key() && field.len() <= HARMLESS_BYTES_MAX => {
            Problem::key(path, format!("`{field}` is not a field"), format!("did you mean `{name}`"))
        }
        // A key may have been pasted here, so nothing of it is repeated.
        FaultKind::UnknownField(..) | FaultKind::UnknownWord(..) | FaultKind::Other(_) if path.is_key() => {
            let key = Path::from(path.steps().iter().take(3).cloned().collect::<Vec<_>>());
            let help = "write `key: {env: NAME_OF_THE_VARIABLE}`";
            Problem::value(key, "this is not where a key is", help)
        }
        FaultKind::UnknownField(field, known) => match (nearest(field, known.iter().copied()), fault.outer())
        {
            (Some(name), _) => {
                Problem::key(path, format!("`{field}` is not a field"), format!("did you mean `{name}`"))
            }
            // A word alone in braces is a name to YAML and may be anything to whoever wrote it, also a key.
            (None, Some(outer))
                if root.at_mut(path.steps()).is_some_and(|node| node.value == Value::Null) =>
            {
                let help = format!("write one of {}", list(known));
                Problem::value(outer, "there is a word that is not a field", help)
            }
            (None, _) => {
                let help = format!("write one of {}", list(known));
                Problem::key(path, format!("`{field}` is not a field"), help)
            }
        },
        FaultKind::UnknownWord(word, known) => {
            let help = match nearest(word, known.iter().copied()) {
                Some(name) => format!("did you mean `{name}`"),
                None => format!("write one of {}", list(known)),
            };
            Problem::value(path, format!("`{word}` is not known here"), help)
        }
        FaultKind::Other(message) => match message.split_once(": ") {
            Some((message, help)) => Problem::value(path, message, help),
            None => Problem::value(path, message, "see the documentation of this field"),
        },
    }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Drops the problems that are only the consequence of a mistaken value already noted at the same place or around it.
pub fn without_consequences(noted: &[Problem], found: Vec<Problem>) -> Vec<Problem> {
    // Where a key is there is one field only, so whatever was noted inside is why it is missing.
    let is_in_the_same_key = |path: &Path, noted: &Path| {
        path.is_key() && noted.is_key() && path.steps().iter().zip(noted.steps()).take(3).all(|(a, b)| a == b)
    };
    let is_noted = |path: &Path| {
        noted
            .iter()
            .any(|it| (it.at == At::Value && path.is_within(&it.path)) || is_in_the_same_key(path, &it.path))
    };
    found.into_iter().filter(|problem| !is_noted(&problem.path)).collect()
}
