//! A reply that is one document. Whether it is an error is seen at its first member, and what the error is when all of it is
//! here; an answer passes with its first bytes.

use super::{Beginning, PROBE_BYTES_MAX};
use crate::dialects::Dialect;

/// How errors begin in the dialects, white space apart. Some providers put theirs into an array.
const ERRORS: [&[u8]; 4] =
    [b"{\"error\":", b"[{\"error\":", b"{\"type\":\"error\"", b"{\"object\":\"error\""];

/// How many bytes show how a reply begins; one that has only white space there is looked at when all of it is here.
const FIRST_BYTES: usize = 64;

/// Looks for an error in place of an answer.
#[derive(Debug)]
pub struct WholeProbe {
    dialect: Dialect,
}

impl WholeProbe {
    /// A probe of one document in `dialect`.
    pub const fn new(dialect: Dialect) -> Self {
        Self { dialect }
    }

    /// Looks at all that is `held`; `end` says that this is the whole document.
    pub fn look(&self, held: &[u8], end: bool) -> Beginning {
        if !may_be_error(held) || held.len() > PROBE_BYTES_MAX {
            return Beginning::Sound;
        }
        if !end {
            return Beginning::Unknown;
        }
        self.dialect.read_failed_reply(held).map_or(Beginning::Sound, Beginning::Failed)
    }
}

/// Whether this is the beginning of an error, as far as it goes.
fn may_be_error(held: &[u8]) -> bool {
    let first = held.get(..FIRST_BYTES).unwrap_or(held);
    let significant = || first.iter().filter(|byte| !byte.is_ascii_whitespace());
    ERRORS.iter().any(|error| error.iter().zip(significant()).all(|(expected, found)| expected == found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{AnthropicMessages, OpenaiChat};

    /// What `reply` is and after how many bytes that is known, if it comes byte by byte.
    fn seen(dialect: Dialect, reply: &str) -> (String, usize) {
        let probe = WholeProbe::new(dialect);
        for end in 0..=reply.len() {
            match probe.look(&reply.as_bytes()[..end], end == reply.len()) {
                Beginning::Unknown => {}
                Beginning::Sound => return ("sound".to_owned(), end),
                Beginning::Failed(failure) => {
                    return (format!("{} {}", failure.status, failure.message), end);
                }
            }
        }
        unreachable!("at its end a reply is known")
    }

    #[test]
    fn an_answer_passes_with_its_first_bytes() {
        for (dialect, reply, known) in [
            (OpenaiChat, r#"{"id":"c","object":"chat.completion","choices":[]}"#, 3),
            (OpenaiChat, "{\n  \"object\": \"chat.completion\", \"choices\": []}", 16),
            (OpenaiChat, r#"{"error_code":0,"choices":[]}"#, 8),
            (AnthropicMessages, r#"{"type":"message","content":[]}"#, 10),
            (AnthropicMessages, r#"{"model":"c","type":"message"}"#, 3),
            (OpenaiChat, "<html>", 1),
            (OpenaiChat, "\n\n\n{\"id\":\"c\"}", 6),
        ] {
            assert_eq!(seen(dialect, reply), ("sound".to_owned(), known), "{reply}");
        }
    }

    #[test]
    fn an_error_is_known_when_all_of_it_is_here() {
        for (dialect, reply, expected) in [
            (OpenaiChat, r#"{"error":{"message":"slow down","code":429}}"#, "429 slow down"),
            (OpenaiChat, r#" { "error" : { "message" : "slow down", "code" : 429 } } "#, "429 slow down"),
            (OpenaiChat, r#"[{"error":{"message":"slow down","code":429}}]"#, "429 slow down"),
            (OpenaiChat, r#"{"object":"error","message":"no","code":503}"#, "503 no"),
            (
                AnthropicMessages,
                r#"{"type":"error","error":{"type":"overloaded_error","message":"no"}}"#,
                "529 no",
            ),
            (
                AnthropicMessages,
                r#"{"error":{"type":"overloaded_error","message":"no"},"type":"error"}"#,
                "529 no",
            ),
        ] {
            assert_eq!(seen(dialect, reply), (expected.to_owned(), reply.len()), "{reply}");
        }
    }

    #[test]
    fn what_only_looks_like_an_error_passes() {
        for reply in [r#"{"error":null,"choices":[]}"#, r#"{"error":{"mess"#, r#"{"error":"#, ""] {
            assert_eq!(seen(OpenaiChat, reply).0, "sound", "{reply}");
        }
        let kept_alive = format!("{}{{\"id\":\"c\"}}", "\n".repeat(FIRST_BYTES));
        assert_eq!(seen(OpenaiChat, &kept_alive), ("sound".to_owned(), kept_alive.len()));
        let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "x".repeat(PROBE_BYTES_MAX));
        assert_eq!(seen(OpenaiChat, &long), ("sound".to_owned(), PROBE_BYTES_MAX + 1));
    }
}
