//! The table of the wire formats: what each is called, and which reader and writer are its own.

use super::{Invalid, Outline, StreamReader, StreamWriter, Unreadable, anthropic_messages, openai_chat};
use crate::chat::{Chat, Failure, Reply, Unsupported, Usage};
use crate::wire::json::Document;
use crate::wire::sse;

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI's Chat Completions.
    OpenaiChat,
    /// Anthropic's Messages.
    AnthropicMessages,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Dialect; 2] = [Dialect::OpenaiChat, Dialect::AnthropicMessages];

    /// The name in configuration, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::OpenaiChat => "openai_chat",
            Dialect::AnthropicMessages => "anthropic_messages",
        }
    }

    /// The path a client posts to, and the one a provider is asked at.
    pub fn path(self) -> &'static str {
        match self {
            Dialect::OpenaiChat => "/v1/chat/completions",
            Dialect::AnthropicMessages => "/v1/messages",
        }
    }

    /// The dialect of this [`name`](Dialect::name).
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// The dialect whose requests are posted to `path`.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.path() == path)
    }

    /// The header that every request of the dialect must carry, with the version that is written here.
    pub fn version_header(self) -> Option<(&'static str, &'static str)> {
        match self {
            Dialect::OpenaiChat => None,
            Dialect::AnthropicMessages => Some(("anthropic-version", "2023-06-01")),
        }
    }

    /// The request headers that mean something in this dialect alone, so that no provider of another is sent them.
    pub fn headers(self) -> &'static [&'static str] {
        match self {
            Dialect::OpenaiChat => &["openai-beta"],
            Dialect::AnthropicMessages => &["anthropic-version", "anthropic-beta"],
        }
    }

    /// The request header `name`, where it is one of some dialect's own.
    pub fn own_header(name: &[u8]) -> Option<&'static str> {
        let mut all = Self::ALL.into_iter().flat_map(Dialect::headers).copied();
        all.find(|own| own.as_bytes() == name)
    }

    /// Reads just what is needed to choose a provider; see [`Outline`].
    pub fn outline<'d>(self, document: &'d Document<'_>) -> Result<Outline<'d>, Invalid> {
        match self {
            Dialect::OpenaiChat => openai_chat::outline(document.root()),
            Dialect::AnthropicMessages => anthropic_messages::outline(document.root()),
        }
    }

    /// Whether an event of a stream that passes unchanged can hold more than content: usage, an error, or the end.
    pub fn is_notable(self, event: sse::Event<'_>) -> bool {
        match self {
            Dialect::OpenaiChat => openai_chat::is_notable(event),
            Dialect::AnthropicMessages => anthropic_messages::is_notable(event),
        }
    }

    /// Whether the event is there only because usage was asked for.
    pub fn is_usage_only(self, event: sse::Event<'_>) -> bool {
        match self {
            Dialect::OpenaiChat => openai_chat::is_usage_only(event),
            Dialect::AnthropicMessages => false,
        }
    }

    /// Reads a client's request.
    pub fn read_request<'d>(self, document: &'d Document<'_>) -> Result<Chat<'d>, Invalid> {
        match self {
            Dialect::OpenaiChat => openai_chat::read_request(document.root()),
            Dialect::AnthropicMessages => anthropic_messages::read_request(document.root()),
        }
    }

    /// Writes `chat` for a provider, asking it for `model`, and returns what could not be written (in addition to
    /// `chat.unsupported`). A streamed OpenAI request always asks for usage.
    pub fn write_request(self, chat: &Chat<'_>, model: &str, out: &mut Vec<u8>) -> Vec<Unsupported> {
        match self {
            Dialect::OpenaiChat => openai_chat::write_request(chat, model, out),
            Dialect::AnthropicMessages => anthropic_messages::write_request(chat, model, out),
        }
    }

    /// Reads a provider's whole reply.
    pub fn read_reply<'d>(self, document: &'d Document<'_>) -> Result<Reply<'d>, Unreadable> {
        match self {
            Dialect::OpenaiChat => openai_chat::read_reply(document.root()),
            Dialect::AnthropicMessages => anthropic_messages::read_reply(document.root()),
        }
    }

    /// Reads the `usage` member of a whole reply; `None` where it is not an object of this dialect.
    pub fn read_usage(self, usage: &[u8]) -> Option<Usage> {
        match self {
            Dialect::OpenaiChat => openai_chat::read_usage(usage),
            Dialect::AnthropicMessages => anthropic_messages::read_usage(usage),
        }
    }

    /// Writes a whole reply for a client. `created` is the time in seconds since 1970.
    pub fn write_reply(self, reply: &Reply<'_>, created: u64, out: &mut Vec<u8>) {
        match self {
            Dialect::OpenaiChat => openai_chat::write_reply(reply, created, out),
            Dialect::AnthropicMessages => anthropic_messages::write_reply(reply, out),
        }
    }

    /// Reads a provider's error body; what is not one gives a failure with a general message. `status` is the reply's.
    pub fn read_failure(self, status: u16, body: &[u8]) -> Failure<'static> {
        match self {
            Dialect::OpenaiChat => openai_chat::read_failure(status, body),
            Dialect::AnthropicMessages => anthropic_messages::read_failure(status, body),
        }
    }

    /// Reads the error that a whole reply tells although its status was a success, with the status it should have had;
    /// `None` where it tells none.
    pub fn read_failed_reply(self, body: &[u8]) -> Option<Failure<'static>> {
        let document = Document::parse_reply(body).ok()?;
        match self {
            Dialect::OpenaiChat => openai_chat::read_failed_reply(document.root()),
            Dialect::AnthropicMessages => anthropic_messages::read_failed_reply(document.root()),
        }
    }

    /// Writes an error body for a client.
    pub fn write_failure(self, failure: &Failure<'_>, out: &mut Vec<u8>) {
        match self {
            Dialect::OpenaiChat => openai_chat::write_failure(failure, out),
            Dialect::AnthropicMessages => anthropic_messages::write_failure(failure, out),
        }
    }

    /// A reader for one stream of a provider.
    pub fn stream_reader(self) -> StreamReader {
        match self {
            Dialect::OpenaiChat => StreamReader::OpenaiChat(openai_chat::StreamReader::default()),
            Dialect::AnthropicMessages => {
                StreamReader::AnthropicMessages(anthropic_messages::StreamReader::default())
            }
        }
    }

    /// A writer for one stream to a client. `created` is the time in seconds since 1970; `usage` tells whether the
    /// client asked for a usage event, where the dialect leaves the choice.
    pub fn stream_writer(self, created: u64, usage: bool) -> StreamWriter {
        match self {
            Dialect::OpenaiChat => StreamWriter::OpenaiChat(openai_chat::StreamWriter::new(created, usage)),
            Dialect::AnthropicMessages => {
                StreamWriter::AnthropicMessages(anthropic_messages::StreamWriter::default())
            }
        }
    }
}
