//! What the provider is told to do, read from the model's name.
//!
//! A name is one or more parts joined by `+`: `ok`, `status-429`, `slow-300ms+events-200`, `tools+one-byte`. A name with
//! a part that is not listed in [`Script::read`] is a model this provider does not have.

use std::time::Duration;

/// Largest text `huge-…` and largest number of deltas `events-…` will produce.
const SIZE_MAX: usize = 256 << 20;

/// Everything one model name asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What happens before the answer's head.
    pub start: Start,
    /// The status to answer with, where it is not 200.
    pub status: Option<u16>,
    /// What the answer says.
    pub matter: Matter,
    /// How the answer ends.
    pub ending: Ending,
    /// How the bytes are put on the wire.
    pub wire: Wire,
    /// Time between two events of a stream.
    pub pace: Duration,
    /// A stream waits behind its first piece of text until `POST /_gates/{name}`.
    pub gate: Option<String>,
    /// Departures from the ordinary shape of requests and answers.
    pub quirks: Quirks,
}

/// What happens before the answer's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// It is sent without delay.
    #[default]
    AtOnce,
    /// It is sent after some time.
    After(Duration),
    /// It is never sent; the connection stays open.
    Never,
    /// The connection is closed without an answer.
    Reset,
}

/// What the answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Matter {
    /// A greeting; a tool call where the request offers tools; JSON where it asks for JSON.
    #[default]
    Plain,
    /// The last user message's text again.
    Echo,
    /// A call of one tool.
    Tools,
    /// Two calls in one turn.
    ParallelTools,
    /// Reasoning before the text.
    Thinking,
    /// The model declines.
    Refusal,
    /// Text of so many bytes.
    Huge(usize),
    /// Text in so many deltas.
    Events(usize),
    /// Something that is not JSON.
    Rubbish,
    /// Nothing: the head announces a body of no bytes.
    Empty,
    /// A page for people, as what stands before a provider answers.
    Page,
    /// The error that goes with this status, whatever the answer's own status is.
    Told(u16),
}

/// How a stream (or, for `Cut`, a JSON body) ends. Numbers count events (or bytes).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    #[default]
    Whole,
    /// The connection is closed before the body's own end.
    Cut(usize),
    /// The body ends well but early, without the dialect's terminal event.
    End(usize),
    /// The dialect's error event, then a clean end.
    ErrorEvent(usize),
    /// An event whose data is not JSON, then a clean end.
    Rubbish(usize),
    /// Nothing more is sent; the connection stays open.
    Stall(usize),
}

/// How the bytes are put on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wire {
    /// Event by event, or a JSON body at once.
    #[default]
    Plain,
    /// Byte by byte, each in a write of its own.
    OneByte,
    /// Compressed, although nobody asked.
    Gzip,
    /// Event streams with CRLF line ends and comments.
    Crlf,
}

/// Departures from the ordinary shape of requests and answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// Fields that the dialect does not know are accepted.
    pub lenient: bool,
    /// The answer does not say what it used.
    pub no_usage: bool,
    /// OpenAI streams: the usage comes in the chunk with the finish reason, as some servers do it.
    pub usage_with_choices: bool,
}

impl Script {
    /// Reads a model name; `None` is a model that does not exist.
    pub fn read(name: &str) -> Option<Self> {
        let mut script = Self::default();
        for part in name.split('+') {
            script.take(part)?;
        }
        Some(script)
    }

    fn take(&mut self, part: &str) -> Option<()> {
        match part {
            "ok" => {}
            "never" => self.start = Start::Never,
            "reset" => self.start = Start::Reset,
            "echo" => self.matter = Matter::Echo,
            "tools" => self.matter = Matter::Tools,
            "parallel-tools" => self.matter = Matter::ParallelTools,
            "thinking" => self.matter = Matter::Thinking,
            "refusal" => self.matter = Matter::Refusal,
            "rubbish" => self.matter = Matter::Rubbish,
            "empty-body" => self.matter = Matter::Empty,
            "html-error" => self.matter = Matter::Page,
            "rubbish-stream" => self.ending = Ending::Rubbish(0),
            "one-byte" => self.wire = Wire::OneByte,
            "gzip" => self.wire = Wire::Gzip,
            "crlf" => self.wire = Wire::Crlf,
            "lenient" => self.quirks.lenient = true,
            "no-usage" => self.quirks.no_usage = true,
            "usage-with-choices" => self.quirks.usage_with_choices = true,
            _ => return self.take_numbered(part),
        }
        Some(())
    }

    fn take_numbered(&mut self, part: &str) -> Option<()> {
        let (verb, argument) = part.rsplit_once('-')?;
        match verb {
            "status" => self.status = Some(status(argument)?),
            "tells" => self.matter = Matter::Told(status(argument)?),
            "slow" => self.start = Start::After(duration(argument)?),
            "paced" => self.pace = duration(argument)?,
            "cut" => self.ending = Ending::Cut(argument.parse().ok()?),
            "end" => self.ending = Ending::End(argument.parse().ok()?),
            "error-event" => self.ending = Ending::ErrorEvent(argument.parse().ok()?),
            "rubbish-stream" => self.ending = Ending::Rubbish(argument.parse().ok()?),
            "stall" => self.ending = Ending::Stall(argument.parse().ok()?),
            "huge" => self.matter = Matter::Huge(size(argument)?),
            "events" => self.matter = Matter::Events(argument.parse().ok().filter(|n| *n <= SIZE_MAX)?),
            "gate" => self.gate = Some(argument.to_owned()),
            _ => return None,
        }
        Some(())
    }
}

fn status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|code| (200..=599).contains(code))
}

/// `300ms` or `2s`.
fn duration(text: &str) -> Option<Duration> {
    if let Some(millis) = text.strip_suffix("ms") {
        return millis.parse().ok().map(Duration::from_millis);
    }
    text.strip_suffix('s')?.parse().ok().map(Duration::from_secs)
}

/// `64KiB` or `8MiB`.
fn size(text: &str) -> Option<usize> {
    let (number, shift) = match text.strip_suffix("KiB") {
        Some(number) => (number, 10),
        None => (text.strip_suffix("MiB")?, 20),
    };
    let number: usize = number.parse().ok()?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes <= SIZE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_name_add_up() {
        let script = Script::read("slow-300ms+events-200+cut-3+one-byte").unwrap();
        assert_eq!(script.start, Start::After(Duration::from_millis(300)));
        assert_eq!(script.matter, Matter::Events(200));
        assert_eq!(script.ending, Ending::Cut(3));
        assert_eq!(script.wire, Wire::OneByte);
    }

    #[test]
    fn names_that_say_nothing_known_are_unknown_models() {
        for name in ["", "gpt-4o", "ok+", "status-999", "status-x", "huge-8", "huge-99999MiB", "slow-3"] {
            assert_eq!(Script::read(name), None, "{name}");
        }
    }

    #[test]
    fn an_error_may_be_told_with_another_status_or_in_other_forms() {
        let script = Script::read("status-429+empty-body").unwrap();
        assert_eq!((script.status, script.matter), (Some(429), Matter::Empty));
        assert_eq!(Script::read("tells-404").unwrap().matter, Matter::Told(404));
        assert_eq!(Script::read("status-502+html-error").unwrap().matter, Matter::Page);
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(Script::read("huge-8MiB").unwrap().matter, Matter::Huge(8 << 20));
    }
}
