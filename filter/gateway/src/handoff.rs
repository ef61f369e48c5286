//! The two values that the positions exchange, through filter state, which no client can forge.
//!
//! Both are lines of text: few fields, no parser worth the name. Nothing in them holds a line feed: the configuration
//! refuses such names, and what a client sent comes from its head, where control characters are taken out.

use std::borrow::Cow;
use std::ops::Range;

use crate::dialects::{Dialect, UsagePatch};
use crate::event::Head;

/// Edge → attempt: what was found out about the request, once for all tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handoff<'h> {
    /// The dialect of the body.
    pub dialect: Dialect,
    /// The length of the body in bytes.
    pub body_bytes: usize,
    /// Where the model's name stands in the body, quotes included.
    pub model: Range<usize>,
    /// How the body is made to ask for usage.
    pub usage: UsagePatch,
    /// What the client said beside the body that is for providers of some dialects only.
    pub beside: Beside<'h>,
    /// The client's name for the model.
    pub asked: Cow<'h, str>,
    /// The providers' names for the model, by target; empty where it is the name the client used.
    pub models: Vec<Cow<'h, str>>,
}

/// What a client says beside the body, in words of one dialect. The tries of a request share one head, so a try that
/// takes these out leaves it to the next to put them back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside<'h> {
    /// The query of the path, without its question mark; empty for none.
    pub query: Cow<'h, str>,
    /// The headers that are [some dialect's own](Dialect::own_header), with their values.
    pub headers: Vec<(&'static str, Cow<'h, str>)>,
}

impl Beside<'static> {
    /// What a request head with this `query` says.
    pub fn of(head: &Head, query: &str) -> Self {
        let mut headers: Vec<(&'static str, Cow<'static, str>)> = Vec::new();
        for (name, value) in head.fields() {
            let Some(name) = Dialect::own_header(name) else { continue };
            let value = plain(&String::from_utf8_lossy(value));
            match headers.iter_mut().find(|(known, _)| *known == name) {
                // A header that is sent twice is a list.
                Some((_, values)) => *values = format!("{values}, {value}").into(),
                None => headers.push((name, value.into())),
            }
        }
        Self { query: plain(query).into(), headers }
    }
}

/// `text` without control characters.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

impl<'h> Handoff<'h> {
    /// Writes the value.
    pub fn encode(&self) -> Vec<u8> {
        let Range { start, end } = self.model;
        let usage = match &self.usage {
            UsagePatch::None => "-".to_owned(),
            UsagePatch::Put { at, text } => format!("{} {} {text}", at.start, at.end),
        };
        let Beside { query, headers } = &self.beside;
        let mut text = format!(
            "{}\n{}\n{start} {end}\n{usage}\n{query}\n{}\n",
            self.dialect.name(),
            self.body_bytes,
            self.asked
        );
        for (name, value) in headers {
            text.extend([name, ":", value, "\n"]);
        }
        let mut bytes = text.into_bytes();
        for model in &self.models {
            bytes.push(b'\n');
            bytes.extend_from_slice(model.as_bytes());
        }
        bytes
    }

    /// Reads what [`Handoff::encode`] wrote; `None` for anything else.
    pub fn decode(bytes: &'h [u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.split('\n');
        let dialect = Dialect::named(lines.next()?)?;
        let body_bytes = lines.next()?.parse().ok()?;
        let model = range(lines.next()?.split_once(' ')?)?;
        let usage = match lines.next()? {
            "-" => UsagePatch::None,
            line => {
                let (start, rest) = line.split_once(' ')?;
                let (end, text) = rest.split_once(' ')?;
                UsagePatch::Put { at: range((start, end))?, text: UsagePatch::known(text)? }
            }
        };
        let mut beside = Beside { query: lines.next()?.into(), headers: Vec::new() };
        let asked = Cow::Borrowed(lines.next()?);
        // An empty line ends the headers.
        while let Some((name, value)) = lines.next()?.split_once(':') {
            beside.headers.push((Dialect::own_header(name.as_bytes())?, value.into()));
        }
        let models = lines.map(Cow::Borrowed).collect();
        Some(Self { dialect, body_bytes, model, usage, beside, asked, models })
    }
}

fn range((start, end): (&str, &str)) -> Option<Range<usize>> {
    let (start, end) = (start.parse().ok()?, end.parse().ok()?);
    (start <= end).then_some(start..end)
}

/// Attempt → edge: who was tried, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The dialect the last provider speaks.
    pub dialect: Dialect,
    /// The tries in order, the last one being the one that this receipt is of.
    pub tries: Vec<Try>,
    /// Paths in the request that the last provider's dialect could not express.
    pub unsupported: Vec<String>,
}

/// One try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Try {
    /// The index of the target.
    pub target: usize,
    /// How it ended, as far as is known.
    pub outcome: Outcome,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No reply yet; for a try that is not the last one: there was none.
    NoReply,
    /// A reply with this status.
    Status(u16),
    /// The gateway itself refused to send the request; the answer is already in the client's dialect.
    Refused,
}

/// More tries than this are not listed, whatever the retry policy says.
const TRIES_MAX: usize = 32;

impl Receipt {
    /// The receipt of a try, given the one of the tries before it.
    pub fn next(before: Option<Receipt>, target: usize, dialect: Dialect) -> Self {
        let mut tries = before.map(|receipt| receipt.tries).unwrap_or_default();
        tries.truncate(TRIES_MAX.saturating_sub(1));
        tries.push(Try { target, outcome: Outcome::NoReply });
        Self { dialect, tries, unsupported: Vec::new() }
    }

    /// Notes how the last try ended.
    pub fn close(&mut self, outcome: Outcome) {
        if let Some(last) = self.tries.last_mut() {
            last.outcome = outcome;
        }
    }

    /// The last try.
    pub fn last(&self) -> Option<Try> {
        self.tries.last().copied()
    }

    /// Whether the last try was refused.
    pub fn is_refused(&self) -> bool {
        self.last().is_some_and(|last| last.outcome == Outcome::Refused)
    }

    /// The try that the client is told of: the last one that was not refused, since a failure behind the gateway says more
    /// than that one more target would not have done; the last one where all were refused.
    pub fn told(&self) -> Option<Try> {
        let asked = self.tries.iter().rev().find(|one| one.outcome != Outcome::Refused);
        asked.copied().or_else(|| self.last())
    }

    /// Writes the value.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = String::from(self.dialect.name());
        text.push('\n');
        for (at, one) in self.tries.iter().enumerate() {
            if at > 0 {
                text.push(' ');
            }
            let outcome = match one.outcome {
                Outcome::NoReply => "-".to_owned(),
                Outcome::Status(status) => status.to_string(),
                Outcome::Refused => "!".to_owned(),
            };
            text.push_str(&format!("{}:{outcome}", one.target));
        }
        for path in &self.unsupported {
            text.push('\n');
            // A path may hold a key that the client chose.
            text.extend(path.chars().filter(|letter| !letter.is_control()));
        }
        text.into_bytes()
    }

    /// Reads what [`Receipt::encode`] wrote; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.split('\n');
        let dialect = Dialect::named(lines.next()?)?;
        let tries = lines.next()?.split(' ').map(one_try).collect::<Option<Vec<_>>>()?;
        let unsupported = lines.map(str::to_owned).collect();
        Some(Self { dialect, tries, unsupported })
    }
}

fn one_try(text: &str) -> Option<Try> {
    let (target, outcome) = text.split_once(':')?;
    let outcome = match outcome {
        "-" => Outcome::NoReply,
        "!" => Outcome::Refused,
        status => Outcome::Status(status.parse().ok()?),
    };
    Some(Try { target: target.parse().ok()?, outcome })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handoff_is_read_as_it_was_written() {
        for usage in [UsagePatch::None, UsagePatch::Put { at: 1..1, text: UsagePatch::TEXTS[0] }] {
            let handoff = Handoff {
                dialect: Dialect::AnthropicMessages,
                body_bytes: 1024,
                model: 9..15,
                usage,
                beside: Beside { query: "a=b:c".into(), headers: vec![("anthropic-beta", "a, b:c".into())] },
                asked: "chat".into(),
                models: vec!["claude haiku".into(), "".into(), "gpt-4o-mini".into()],
            };
            assert_eq!(Handoff::decode(&handoff.encode()), Some(handoff.clone()));
        }
    }

    #[test]
    fn a_receipt_is_read_as_it_was_written() {
        let mut receipt = Receipt::next(None, 0, Dialect::OpenaiChat);
        receipt.close(Outcome::Status(429));
        let mut receipt = Receipt::next(Some(receipt), 1, Dialect::AnthropicMessages);
        receipt.unsupported = vec!["n".to_owned(), "messages[0].name".to_owned()];
        assert_eq!(Receipt::decode(&receipt.encode()), Some(receipt));
    }

    #[test]
    fn a_client_is_told_of_the_last_try_that_was_not_refused() {
        use Outcome::{NoReply, Refused, Status};
        let cases: [(&[Outcome], Option<usize>); 7] = [
            (&[], None),
            (&[Refused], Some(0)),
            (&[Refused, Refused], Some(1)),
            (&[Refused, Status(500)], Some(1)),
            (&[Status(500), Refused], Some(0)),
            (&[Status(500), NoReply, Refused, Refused], Some(1)),
            (&[Refused, Status(200)], Some(1)),
        ];
        for (outcomes, told) in cases {
            let tries = outcomes
                .iter()
                .enumerate()
                .map(|(target, outcome)| Try { target, outcome: *outcome })
                .collect();
            let receipt = Receipt { dialect: Dialect::OpenaiChat, tries, unsupported: Vec::new() };
            assert_eq!(receipt.told().map(|told| told.target), told, "{outcomes:?}");
            assert_eq!(receipt.is_refused(), outcomes.last() == Some(&Refused), "{outcomes:?}");
        }
    }

    #[test]
    fn other_bytes_are_no_handoff_and_no_receipt() {
        for bytes in [
            &b""[..],
            b"openai_chat",
            b"openai_chat\n1\n2 1\n-",
            b"openai_chat\n1\n1 2\n-",
            b"openai_chat\n1\n1 2\n-\n\nm\nhost:x\n\nm",
            b"\xFF\n",
            b"openai_chat\nx:1",
            b"nobody\n0:-",
        ] {
            assert_eq!(Handoff::decode(bytes), None);
            assert_eq!(Receipt::decode(bytes), None);
        }
    }
}
