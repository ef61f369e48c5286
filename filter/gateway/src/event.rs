//! What happened: the only input of the machines.
//!
//! Times are milliseconds since 1970.

use crate::wire::json::Document;

/// Something that happened to a request, as edge sees it.
#[derive(Debug)]
pub enum EdgeEvent<'e> {
    /// The client's request head is here.
    RequestHead {
        /// The head.
        head: &'e Head,
        /// Whether no body follows.
        end: bool,
        /// When.
        now: u64,
    },
    /// More of the body arrived, and it goes on.
    RequestGrew {
        /// Bytes of the body so far.
        bytes: usize,
    },
    /// The body is complete.
    RequestBody {
        /// The whole body.
        body: &'e [u8],
        /// The body as it was read, if somebody has read it already.
        document: Option<&'e Document<'e>>,
    },
    /// The head of the reply that won is here.
    ReplyHead {
        /// The head.
        head: &'e Head,
        /// Whether no body follows.
        end: bool,
        /// What the attempt that won left, as [`Receipt::encode`](crate::handoff::Receipt::encode) wrote it.
        receipt: Option<Vec<u8>>,
        /// Who wrote it.
        origin: Origin,
    },
    /// The first piece of a streamed reply follows; only for a machine that
    /// [awaits it](crate::edge::Edge::awaits_first_piece).
    FirstPiece {
        /// When.
        now: u64,
    },
    /// A piece of the reply, for a machine that asked for [`ReadReply::Pieces`](crate::effect::ReadReply::Pieces).
    ReplyPiece {
        /// The piece.
        bytes: &'e [u8],
        /// Whether it is the last one.
        end: bool,
    },
    /// More of the reply is held, for a machine that asked for
    /// [`ReadReply::Whole`](crate::effect::ReadReply::Whole), and it goes on.
    ReplyGrew {
        /// Bytes of the reply so far.
        bytes: usize,
    },
    /// The whole reply, for a machine that asked for it.
    ReplyBody {
        /// The reply's body.
        body: &'e [u8],
    },
    /// The request is over, however it ended.
    Over {
        /// When.
        now: u64,
        /// What cut the reply short.
        cut: Cut,
    },
}

/// What cut a reply short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nobody asked: the machine did not [await more](crate::edge::Edge::awaits_more).
    Unknown,
    /// The client went away.
    ByClient,
    /// It broke off between the provider and the gateway.
    Behind {
        /// The status the client got.
        status: u16,
    },
}

/// Who wrote a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A provider.
    Provider,
    /// Envoy itself, since no provider gave an answer.
    Envoy,
}

/// Something that happened to one try, as attempt sees it.
#[derive(Debug)]
pub enum AttemptEvent<'e> {
    /// The request begins.
    RequestHead {
        /// What edge left, as [`Handoff::encode`](crate::handoff::Handoff::encode) wrote it.
        handoff: Option<Vec<u8>>,
        /// What the tries before this one left.
        receipt: Option<Vec<u8>>,
        /// The index of the endpoint's provider.
        target: usize,
        /// Where the keys are.
        secrets: &'e dyn Secrets,
    },
    /// The body or a first part of it is here, for a machine that asked to see it.
    RequestBody {
        /// What is here.
        body: &'e [u8],
        /// The whole body as it was read, if somebody has read it already.
        document: Option<&'e Document<'e>>,
    },
    /// The head of this try's reply.
    ReplyHead {
        /// The head.
        head: &'e Head,
        /// Whether no body follows.
        end: bool,
    },
    /// What is held of the reply, for a machine that asked to see it.
    ReplyBody {
        /// All that is held.
        held: &'e [u8],
        /// Whether that is all there will be.
        end: bool,
    },
}

/// Where the keys of providers are kept.
pub trait Secrets {
    /// The key named `name`; `None` where it is missing or empty.
    fn find(&self, name: &str) -> Option<crate::secret::Secret>;
}

impl std::fmt::Debug for dyn Secrets + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// The head of a request or a reply: names in lower case, values as bytes, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// All names and values one after another.
    text: Vec<u8>,
    /// Where each name and each value ends in `text`.
    ends: Vec<(u32, u32)>,
}

impl Head {
    /// An empty head with room for `count` fields of `bytes` bytes together.
    pub fn with_capacity(count: usize, bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), ends: Vec::with_capacity(count) }
    }

    /// Adds a field.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        self.text.extend_from_slice(name);
        let name_end = self.text.len();
        self.text.extend_from_slice(value);
        // Envoy bounds header bytes far below 2³²; what would not fit is not found later, which loses a field and
        // nothing else.
        let end = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.ends.push((end(name_end), end(self.text.len())));
    }

    /// The fields in their order.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut start = 0usize;
        self.ends.iter().map(move |&(name_end, value_end)| {
            let (name_end, value_end) = (name_end as usize, value_end as usize);
            let name = self.text.get(start..name_end).unwrap_or_default();
            start = value_end;
            (name, self.text.get(name_end..value_end).unwrap_or_default())
        })
    }

    /// The first value of the field `name`.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.fields().find(|(field, _)| *field == name.as_bytes()).map(|(_, value)| value)
    }

    /// The `:status` of a reply; 0 where it is missing or not a number.
    pub fn status(&self) -> u16 {
        self.get(":status").and_then(|value| std::str::from_utf8(value).ok()?.parse().ok()).unwrap_or(0)
    }

    /// The type of the body without its parameters, such as `application/json`.
    pub fn media_type(&self) -> &[u8] {
        let value = self.get("content-type").unwrap_or_default();
        value.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii()
    }

    /// Whether the body says that it is JSON.
    pub fn is_json(&self) -> bool {
        let kind = self.media_type().to_ascii_lowercase();
        kind == b"application/json" || (kind.starts_with(b"application/") && kind.ends_with(b"+json"))
    }

    /// Whether a content encoding stands in the way of reading the body.
    pub fn is_encoded(&self) -> bool {
        let encoding = self.get("content-encoding").unwrap_or_default();
        !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity")
    }
}
