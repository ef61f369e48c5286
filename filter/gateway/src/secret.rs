//! A key that must never be printed.

/// A provider's key. There is no `Display`, and `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a key; `None` where it is empty or cannot stand in a header.
    pub fn new(text: String) -> Option<Self> {
        let printable = text.bytes().all(|byte| (0x21..0x7F).contains(&byte));
        (!text.is_empty() && printable).then_some(Self(text))
    }

    /// The key behind the word `Bearer`.
    pub fn bearer(self) -> Self {
        Self(format!("Bearer {}", self.0))
    }

    /// The key, for the one header it goes into.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::new("sk-visible".to_owned());
        assert!(!format!("{secret:?}").contains("visible"));
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_key() {
        for text in ["", "two words", "line\n", "schlüssel"] {
            assert_eq!(Secret::new(text.to_owned()), None, "{text:?}");
        }
    }
}
