//! The stream readers and writers of all wire formats, behind one type each.

use super::{Unreadable, anthropic_messages, openai_chat};
use crate::chat::Delta;
use crate::wire::sse;

/// Reads the events of one provider's stream.
#[derive(Debug)]
pub enum StreamReader {
    /// OpenAI's chunks.
    OpenaiChat(openai_chat::StreamReader),
    /// Anthropic's events.
    AnthropicMessages(anthropic_messages::StreamReader),
}

impl StreamReader {
    /// Reads one event and hands on what it says, in order.
    pub fn read(
        &mut self,
        event: sse::Event<'_>,
        on_delta: &mut dyn FnMut(Delta<'_>),
    ) -> Result<(), Unreadable> {
        match self {
            StreamReader::OpenaiChat(reader) => reader.read(event, on_delta),
            StreamReader::AnthropicMessages(reader) => reader.read(event, on_delta),
        }
    }

    /// Ends a stream that came to an end without breaking off, and tells so where all of the answer has come and only the
    /// event is missing that says so.
    pub fn finish(&mut self, on_delta: &mut dyn FnMut(Delta<'_>)) {
        match self {
            StreamReader::OpenaiChat(reader) => reader.finish(on_delta),
            StreamReader::AnthropicMessages(reader) => reader.finish(on_delta),
        }
    }
}

/// Writes one stream for a client.
#[derive(Debug)]
pub enum StreamWriter {
    /// OpenAI's chunks.
    OpenaiChat(openai_chat::StreamWriter),
    /// Anthropic's events.
    AnthropicMessages(anthropic_messages::StreamWriter),
}

impl StreamWriter {
    /// Writes what one step becomes; may be nothing yet. After [`Delta::End`] or [`Delta::Failed`] it writes no more.
    pub fn write(&mut self, delta: &Delta<'_>, out: &mut Vec<u8>) {
        match self {
            StreamWriter::OpenaiChat(writer) => writer.write(delta, out),
            StreamWriter::AnthropicMessages(writer) => writer.write(delta, out),
        }
    }
}
