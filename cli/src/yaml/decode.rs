//! From tree to types, by serde. It stops at the first mistake and says where that is.
//!
//! Nothing written for a value reads as an empty collection, so that a mistaken value can be taken out and reading can
//! go on. Messages never repeat text that was written: it may be a key that was pasted in the wrong place.

use std::fmt;

use serde::de::value::{StrDeserializer, StringDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use tollgate_gateway::config::{Path, Step};

use super::tree::{Entry, Node, Value};

/// What kept a tree from becoming a value.
#[derive(Debug)]
pub struct Fault {
    /// The steps from the mistake to the root, innermost first.
    steps: Vec<Step>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with one value.
#[derive(Debug)]
pub enum FaultKind {
    /// The field does not exist; these do.
    UnknownField(String, &'static [&'static str]),
    /// The word is not one of these.
    UnknownWord(String, &'static [&'static str]),
    /// Anything else, in words.
    Other(String),
}

impl Fault {
    /// Where the mistake is.
    pub fn path(&self) -> Path {
        Path::from(self.steps.iter().rev().cloned().collect::<Vec<_>>())
    }

    /// The path to what is around it; there is none around the document.
    pub fn outer(&self) -> Option<Path> {
        let steps = self.steps.get(1..)?;
        Some(Path::from(steps.iter().rev().cloned().collect::<Vec<_>>()))
    }

    fn new(kind: FaultKind) -> Self {
        Self { steps: Vec::new(), kind }
    }

    fn inside(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// Decodes a tree.
///
/// # Errors
/// The first mistake.
pub fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, Fault> {
    T::deserialize(Reader(node))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.path(), self.kind)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(FaultKind::Other(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            Unexpected::Bool(_) => "true or false",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a number",
            Unexpected::Str(_) => "text",
            Unexpected::Seq => "a list",
            Unexpected::Map => "a mapping",
            _ => "nothing",
        };
        Self::custom(format!("this is {found}: write {}", in_words(expected)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        match found {
            Unexpected::Signed(_) => Self::custom("this is negative: write a positive whole number"),
            _ => Self::custom(format!("this value is not accepted: write {}", in_words(expected))),
        }
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self::new(FaultKind::UnknownWord(word.to_owned(), known))
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::new(FaultKind::UnknownField(field.to_owned(), known))
    }
}

/// serde speaks of Rust here, which nobody who writes a configuration has to know.
fn in_words(expected: &dyn de::Expected) -> String {
    let expected = expected.to_string();
    match expected.as_str() {
        "u64" => "a whole number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "text".to_owned(),
        "a sequence" => "a list".to_owned(),
        it if it.starts_with("struct ") => "a mapping".to_owned(),
        _ => expected,
    }
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a Node);

impl<'de> de::Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Null | Value::TakenOut => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(value) => match u64::try_from(*value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_i64(*value),
            },
            Value::Text(value) => visitor.visit_str(value),
            Value::Sequence(items) => visitor.visit_seq(Items { items, position: 0 }),
            Value::Mapping(entries) => visitor.visit_map(Entries { entries, position: 0 }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.value {
            Value::Null => visitor.visit_seq(Items { items: &[], position: 0 }),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.value {
            Value::Null => visitor.visit_map(Entries { entries: &[], position: 0 }),
            // A list would be taken field by field, which nobody means.
            Value::Sequence(_) => Err(de::Error::invalid_type(Unexpected::Seq, &"a mapping")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Text(word) => visitor.visit_enum(StrDeserializer::<Fault>::new(word)),
            _ => Err(de::Error::custom(format!("this is not a word: write one of {}", known.join(", ")))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct tuple tuple_struct identifier ignored_any
    }
}

struct Items<'a> {
    items: &'a [Node],
    position: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let rest = self.items.iter().enumerate().skip(self.position);
        let Some((position, item)) = rest.into_iter().find(|(_, item)| item.value != Value::TakenOut) else {
            return Ok(None);
        };
        self.position = position + 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|fault| fault.inside(Step::Index(position)))
    }
}

struct Entries<'a> {
    entries: &'a [Entry],
    position: usize,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(entry) = self.entries.get(self.position) else { return Ok(None) };
        let key: StringDeserializer<Fault> = entry.key.clone().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|fault| fault.inside(Step::Field(entry.key.clone())))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some(entry) = self.entries.get(self.position) else { return Err(de::Error::custom("no value")) };
        self.position += 1;
        seed.deserialize(Reader(&entry.node)).map_err(|fault| fault.inside(Step::Field(entry.key.clone())))
    }
}
