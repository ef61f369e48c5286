//! Sizes and durations as people write them: a whole number and a unit.
//!
//! A number without a unit is a mistake, never a guess.

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A size in bytes, written as `512B`, `64KiB`, `16MiB` or `1GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

/// A duration in milliseconds, written as `250ms`, `60s`, `5m` or `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(u64);

const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
const PERIODS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

impl Size {
    /// A size of so many bytes.
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The size in bytes.
    pub const fn as_bytes(self) -> u64 {
        self.0
    }

    /// Reads `16MiB`.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse(text, &SIZES, "size", "16MiB").map(Self)
    }
}

impl Period {
    /// A period of so many milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The period in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Reads `60s`.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse(text, &PERIODS, "duration", "60s").map(Self)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display(self.0, &SIZES, f)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display(self.0, &PERIODS, f)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Text { parse: Size::parse, what: "a size with a unit, such as `16MiB`" })
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Text { parse: Period::parse, what: "a duration with a unit, such as `60s`" })
    }
}

struct Text<T> {
    parse: fn(&str) -> Result<T, String>,
    what: &'static str,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}

fn parse(text: &str, units: &[(&str, u64)], what: &str, example: &str) -> Result<u64, String> {
    let known = || units.iter().map(|unit| unit.0).collect::<Vec<_>>().join(", ");
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    if number.is_empty() {
        return Err(format!(
            "`{text}` is not a {what}: write a whole number and a unit, such as `{example}`"
        ));
    }
    if unit.is_empty() {
        return Err(format!("`{text}` has no unit: write one of {} after it, such as `{example}`", known()));
    }
    let Some((_, factor)) = units.iter().find(|known| known.0 == unit) else {
        return Err(format!(
            "`{unit}` is not a unit of a {what}: write one of {}, such as `{example}`",
            known()
        ));
    };
    let value = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor));
    value.ok_or_else(|| format!("`{text}` is too large a {what}: write a smaller one, such as `{example}`"))
}

fn display(value: u64, units: &[(&str, u64)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let fits = |unit: &&(&str, u64)| value != 0 && value.checked_rem(unit.1) == Some(0);
    let (unit, factor) = units.iter().rev().find(fits).copied().unwrap_or(("", 1));
    let unit = if unit.is_empty() { units.first().map_or("", |unit| unit.0) } else { unit };
    write!(f, "{}{unit}", value.checked_div(factor).unwrap_or(value))
}

#[cfg(feature = "schema")]
mod schema {
    //! What an editor completes: the same grammar as `parse`.

    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Period, Size};

    impl JsonSchema for Size {
        fn schema_name() -> Cow<'static, str> {
            "Size".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "A whole number and a unit: B, KiB, MiB or GiB.",
                "type": "string",
                "pattern": "^[0-9]+(B|KiB|MiB|GiB)$",
            })
        }
    }

    impl JsonSchema for Period {
        fn schema_name() -> Cow<'static, str> {
            "Period".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "A whole number and a unit: ms, s, m or h.",
                "type": "string",
                "pattern": "^[0-9]+(ms|s|m|h)$",
            })
        }
    }
}
