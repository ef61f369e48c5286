//! What the model says: composed from the question and the script, before any dialect writes it down.

use std::iter;

use serde_json::{Map, Value, json};

use crate::script::{Matter, Script};
use crate::turn::{Choice, Tool, Turn};

/// Size of the deltas of a huge answer in bytes.
const HUGE_PIECE_BYTES: usize = 64 << 10;
/// What a huge answer repeats: it has to be escaped in JSON and is not all ASCII.
const HUGE_LINE: &str = "The quick brown fox says \"Grüße\" and jumps over the lazy dog.\n";

/// The answer.
#[derive(Debug)]
pub struct Answer {
    /// Reasoning before the text.
    pub thinking: Option<String>,
    /// The text, in the pieces a stream sends.
    pub pieces: Vec<String>,
    /// The tool calls after the text.
    pub calls: Vec<Call>,
    /// Why it ended.
    pub finish: Finish,
    /// What it used.
    pub usage: Usage,
}

/// A tool call.
#[derive(Debug)]
pub struct Call {
    /// The call's place in the answer, from 0.
    pub index: usize,
    /// The tool's name.
    pub name: String,
    /// The input as JSON.
    pub input: String,
}

/// Why the answer ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Finish {
    /// It was finished.
    Stop,
    /// This stop sequence would have come next.
    StopSequence(String),
    /// The most tokens were reached.
    Length,
    /// Tools are to be called.
    Calls,
    /// The model declined.
    Refusal,
}

/// Tokens used. The numbers of the prompt are always the same, so that tests know them.
#[derive(Debug)]
pub struct Usage {
    /// Tokens of the prompt, those from and to the cache included.
    pub prompt: usize,
    /// Of these, read from the cache.
    pub cache_read: usize,
    /// Of these, written to the cache.
    pub cache_written: usize,
    /// Tokens of the answer, those of the reasoning included.
    pub completion: usize,
    /// Of these, reasoning.
    pub reasoning: usize,
}

impl Answer {
    /// All of the text.
    pub fn text(&self) -> String {
        self.pieces.concat()
    }
}

/// Composes the answer of the provider called `name`.
pub fn compose(turn: &Turn, script: &Script, name: &str) -> Answer {
    let calls = calls(turn, script);
    let thinks = turn.thinks || script.matter == Matter::Thinking;
    let mut finish = match script.matter {
        Matter::Refusal => Finish::Refusal,
        _ if !calls.is_empty() => Finish::Calls,
        _ => Finish::Stop,
    };
    let mut pieces = if calls.is_empty() { pieces(turn, script, name) } else { Vec::new() };
    if !matches!(script.matter, Matter::Huge(_) | Matter::Events(_)) {
        shorten(&mut pieces, turn, &mut finish);
    }
    let reasoning = if thinks { 7 } else { 0 };
    let completion = pieces.len() + 4 * calls.len() + reasoning;
    Answer {
        thinking: thinks.then(|| "Let me think about it.".to_owned()),
        pieces,
        calls,
        finish,
        usage: Usage { prompt: 20, cache_read: 5, cache_written: 3, completion, reasoning },
    }
}

fn calls(turn: &Turn, script: &Script) -> Vec<Call> {
    let (count, wanted) = match script.matter {
        Matter::Plain | Matter::Thinking => (1, turn.last.results.is_empty()),
        Matter::Tools => (1, true),
        Matter::ParallelTools => (2, turn.last.results.is_empty()),
        _ => (0, false),
    };
    let tools: Vec<&Tool> = match &turn.choice {
        Choice::Never => Vec::new(),
        Choice::Named(name) => turn.tools.iter().filter(|tool| tool.name == *name).collect(),
        Choice::Free => turn.tools.iter().collect(),
    };
    if !wanted || tools.is_empty() {
        return Vec::new();
    }
    let in_turn = tools.iter().cycle().take(count).enumerate();
    in_turn
        .map(|(index, tool)| Call {
            index,
            name: tool.name.clone(),
            input: example(&tool.schema).to_string(),
        })
        .collect()
}

fn pieces(turn: &Turn, script: &Script, name: &str) -> Vec<String> {
    match script.matter {
        Matter::Huge(bytes) => return huge(bytes),
        Matter::Events(count) => return (0..count).map(|i| format!(" word{i}")).collect(),
        Matter::Refusal => return vec!["I can't".into(), " help with that.".into()],
        Matter::Echo => return words(&turn.last.text),
        _ => {}
    }
    if let Some(schema) = &turn.limits.schema {
        return words(&example(schema).to_string());
    }
    if !turn.last.results.is_empty() {
        return words(&format!("The tools say: {}", turn.last.results.join(" | ")));
    }
    ["Hello", " from", &format!(" {name}"), ": caf", "é", " 🚲", "."].map(str::to_owned).into()
}

/// Ends the answer at the first stop sequence, or at the most tokens.
fn shorten(pieces: &mut Vec<String>, turn: &Turn, finish: &mut Finish) {
    let text = pieces.concat();
    let stop = turn.limits.stops.iter().filter_map(|stop| Some((text.find(stop.as_str())?, stop))).min();
    if let Some((at, stop)) = stop {
        *pieces = words(&text[..at]);
        *finish = Finish::StopSequence(stop.clone());
    }
    if let Some(most) = turn.limits.tokens.and_then(|most| usize::try_from(most).ok())
        && pieces.len() > most
    {
        pieces.truncate(most);
        *finish = Finish::Length;
    }
}

/// The text in pieces that each begin with white space, as models write.
fn words(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for character in text.chars() {
        match pieces.last_mut() {
            Some(piece) if !character.is_whitespace() => piece.push(character),
            _ => pieces.push(character.into()),
        }
    }
    pieces
}

fn huge(bytes: usize) -> Vec<String> {
    let mut left = bytes;
    let piece = HUGE_LINE.repeat(HUGE_PIECE_BYTES / HUGE_LINE.len());
    let mut pieces: Vec<String> = iter::from_fn(|| {
        left = left.checked_sub(piece.len())?;
        Some(piece.clone())
    })
    .collect();
    pieces.push("x".repeat(bytes % piece.len()));
    pieces
}

/// A value that follows a schema of the simple kind tests use.
fn example(schema: &Value) -> Value {
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => json!("Paris"),
        Some("integer") => json!(3),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("array") => Value::Array(schema.get("items").map(example).into_iter().collect()),
        _ => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let fields = properties.into_iter().flatten().map(|(key, value)| (key.clone(), example(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(turn: &Turn, script: &str) -> Answer {
        compose(turn, &Script::read(script).unwrap(), "alpha")
    }

    #[test]
    fn a_plain_answer_greets() {
        let answer = say(&Turn::default(), "ok");
        assert_eq!(answer.text(), "Hello from alpha: café 🚲.");
        assert_eq!(answer.usage.completion, 7);
    }

    #[test]
    fn stop_sequences_and_token_bounds_end_the_answer() {
        let mut turn = Turn::default();
        turn.limits.stops = vec!["zzz".into(), " alpha".into()];
        let answer = say(&turn, "ok");
        assert_eq!(
            (answer.text().as_str(), answer.finish),
            ("Hello from", Finish::StopSequence(" alpha".into()))
        );
        turn.limits = crate::turn::Limits { tokens: Some(2), ..Default::default() };
        let answer = say(&turn, "ok");
        assert_eq!((answer.text().as_str(), answer.finish), ("Hello from", Finish::Length));
    }

    #[test]
    fn tools_are_called_until_their_results_are_there() {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}});
        let mut turn = Turn { tools: vec![Tool { name: "weather".into(), schema }], ..Turn::default() };
        let answer = say(&turn, "ok");
        assert_eq!(answer.calls[0].input, r#"{"city":"Paris","days":3}"#);
        assert_eq!(say(&turn, "parallel-tools").calls.len(), 2);
        turn.last.results = vec!["rain".into()];
        assert_eq!(say(&turn, "ok").text(), "The tools say: rain");
        turn.choice = Choice::Never;
        assert!(say(&turn, "tools").calls.is_empty());
    }

    #[test]
    fn huge_answers_have_the_size_asked_for() {
        assert_eq!(say(&Turn::default(), "huge-300KiB").text().len(), 300 << 10);
    }
}
