//! A YAML document as a tree in which every key and every value knows where it stands.

use serde_json::{Map, Number, Value as Json};
use tollgate_gateway::config::{At, Path, Step};

/// Where something stands in the text, in characters from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `null` or `~`; it reads as if the entry were absent.
    Null,
    /// What was taken out after a mistake; in a list, what comes after it keeps its position.
    TakenOut,
    /// `true` or `false`, not in quotes.
    Bool(bool),
    /// A whole number, not in quotes.
    Integer(i64),
    /// Everything else that is not a collection.
    Text(String),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping, in the order written; keys are distinct.
    Mapping(Vec<Entry>),
}

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name before the colon.
    pub key: String,
    /// Where the name stands.
    pub key_span: Span,
    /// Where the name stands again, and its value there, which is not taken.
    pub repeated: Vec<(Span, Span)>,
    /// What stands after the colon.
    pub node: Node,
}

impl Node {
    /// The value at `path`, if there is one.
    pub fn at_mut(&mut self, path: &[Step]) -> Option<&mut Node> {
        path.iter().try_fold(self, |node, step| node.step_mut(step))
    }

    /// Where to point for a problem at `path`: the thing itself, or the nearest thing around it that was written.
    pub fn locate(&self, path: &Path, at: At) -> Span {
        let mut node = self;
        let mut span = self.span;
        for (position, step) in path.steps().iter().enumerate() {
            let last = position + 1 == path.steps().len();
            match (step, &node.value) {
                (Step::Index(index), Value::Sequence(items)) => match items.get(*index) {
                    Some(item) => (node, span) = (item, item.span),
                    None => return span,
                },
                (Step::Field(name), Value::Mapping(entries)) => match entries
                    .iter()
                    .find(|it| it.key == *name)
                {
                    Some(entry) => {
                        let whole =
                            matches!(entry.node.value, Value::Mapping(_) | Value::Sequence(_) | Value::Null);
                        // A whole block is too much to underline: its name says which one is meant.
                        let by_key = !last || whole;
                        span = match at {
                            At::Key if last => entry.repeated.first().map_or(entry.key_span, |(key, _)| *key),
                            At::Key | At::Value if by_key => entry.key_span,
                            At::Key | At::Value => entry.node.span,
                        };
                        node = &entry.node;
                    }
                    None => return span,
                },
                _ => return span,
            }
        }
        span
    }

    /// The tree as JSON, without positions.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null | Value::TakenOut => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Integer(value) => Json::Number(Number::from(*value)),
            Value::Text(value) => Json::String(value.clone()),
            Value::Sequence(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Value::Mapping(entries) => {
                let pair = |entry: &Entry| (entry.key.clone(), entry.node.to_json());
                Json::Object(entries.iter().map(pair).collect::<Map<_, _>>())
            }
        }
    }

    fn step_mut(&mut self, step: &Step) -> Option<&mut Node> {
        match (step, &mut self.value) {
            (Step::Index(index), Value::Sequence(items)) => items.get_mut(*index),
            (Step::Field(name), Value::Mapping(entries)) => {
                entries.iter_mut().find(|it| it.key == *name).map(|entry| &mut entry.node)
            }
            _ => None,
        }
    }
}
