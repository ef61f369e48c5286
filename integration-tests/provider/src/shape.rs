//! Looking at a JSON document with its path at hand, to say precisely what is wrong with it.

use serde_json::Value;

/// What is wrong with a request, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Where, such as `messages.0.content`.
    pub path: String,
    /// What.
    pub message: String,
}

/// The result of looking at one thing.
pub type Checked<T = ()> = Result<T, Complaint>;

/// One value of the document and the way to it.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value }
    }

    /// The value itself.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// A complaint about this value.
    pub fn wrong(&self, message: impl Into<String>) -> Complaint {
        Complaint { path: self.path.clone(), message: message.into() }
    }

    /// A field that may be absent; `null` is left to the caller.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.value.get(key).map(|value| Node { path: self.below(key), value })
    }

    /// A field that may be absent or `null`.
    pub fn given(&self, key: &str) -> Option<Node<'a>> {
        self.get(key).filter(|node| !node.value.is_null())
    }

    /// A field that must be there.
    pub fn need(&self, key: &str) -> Checked<Node<'a>> {
        self.get(key).ok_or_else(|| Complaint { path: self.below(key), message: "Field required".into() })
    }

    /// The items of a list.
    pub fn items(&self) -> Checked<Vec<Node<'a>>> {
        let list = self.value.as_array().ok_or_else(|| self.wrong("Input should be a valid list"))?;
        Ok(list
            .iter()
            .enumerate()
            .map(|(i, value)| Node { path: self.below(&i.to_string()), value })
            .collect())
    }

    /// A string.
    pub fn text(&self) -> Checked<&'a str> {
        self.value.as_str().ok_or_else(|| self.wrong("Input should be a valid string"))
    }

    /// A boolean.
    pub fn flag(&self) -> Checked<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong("Input should be a valid boolean"))
    }

    /// A number within bounds.
    pub fn number(&self, min: f64, max: f64) -> Checked<f64> {
        let number = self.value.as_f64().ok_or_else(|| self.wrong("Input should be a valid number"))?;
        if (min..=max).contains(&number) {
            return Ok(number);
        }
        Err(self.wrong(format!("Input should be between {min} and {max}")))
    }

    /// A whole number not below `min`.
    pub fn integer(&self, min: u64) -> Checked<u64> {
        let number = self.value.as_u64().ok_or_else(|| self.wrong("Input should be a valid integer"))?;
        if number >= min { Ok(number) } else { Err(self.wrong(format!("Input should be at least {min}"))) }
    }

    /// One of some strings.
    pub fn one_of(&self, allowed: &[&str]) -> Checked<&'a str> {
        let text = self.text()?;
        if allowed.contains(&text) {
            return Ok(text);
        }
        Err(self.wrong(format!("Input should be one of {allowed:?}, not {text:?}")))
    }

    /// An object that has no other fields than these.
    pub fn only(&self, allowed: &[&str]) -> Checked {
        let object = self.object()?;
        match object.keys().find(|key| !allowed.contains(&key.as_str())) {
            Some(key) => {
                Err(Complaint { path: self.below(key), message: "Extra inputs are not permitted".into() })
            }
            None => Ok(()),
        }
    }

    /// An object.
    pub fn object(&self) -> Checked<&'a serde_json::Map<String, Value>> {
        self.value.as_object().ok_or_else(|| self.wrong("Input should be an object"))
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// A string as JSON, with its quotation marks.
pub fn quote(text: &str) -> String {
    Value::from(text).to_string()
}
