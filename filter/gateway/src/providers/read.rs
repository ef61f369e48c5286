//! How a kind is read where its name is written.

use std::fmt;
use std::sync::LazyLock;

use serde::de::{EnumAccess, Error, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{ALL, Kind};

/// The names of [`ALL`], which serde wants for its messages.
static NAMES: LazyLock<[&str; ALL.len()]> = LazyLock::new(|| ALL.map(|kind| kind.name));

impl<'de> Deserialize<'de> for &'static Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("Kind", &*NAMES, Name)
    }
}

struct Name;

impl<'de> Visitor<'de> for Name {
    type Value = &'static Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the kind of a provider")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Self::Value, A::Error> {
        let (name, rest) = data.variant::<String>()?;
        rest.unit_variant()?;
        let kind = ALL.into_iter().find(|kind| kind.name == name);
        kind.ok_or_else(|| A::Error::unknown_variant(&name, &*NAMES))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Kind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Kind".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = |kind: &&Kind| serde_json::json!({"description": kind.about, "type": "string", "const": kind.name});
        schemars::json_schema!({
            "description": "Whose endpoint a provider is.",
            "oneOf": ALL.iter().map(one).collect::<Vec<_>>(),
        })
    }
}
