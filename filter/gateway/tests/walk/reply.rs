//! The way back: what a provider or Envoy answers, through attempt and edge to the client.

use tollgate_gateway::effect::{Effect, Effects, Flow, ReadReply};
use tollgate_gateway::event::{AttemptEvent, EdgeEvent, Origin};

use super::{Got, Keys, Walk, head};

fn fields(status: u16, media_type: &str) -> Vec<(&'static str, String)> {
    vec![(":status", status.to_string()), ("content-type", media_type.to_owned())]
}

impl Walk {
    /// The provider of the last try answers with an error that Envoy retries.
    pub fn fails(&mut self, status: u16) {
        let (_, status_told) = self.begins(status, "application/json", b"");
        assert_eq!(status_told, status);
    }

    /// The provider of the last try begins to answer; returns what attempt lets out of `piece`, and the status.
    pub fn begins(&mut self, status: u16, media_type: &str, piece: &[u8]) -> (String, u16) {
        self.tries(&fields(status, media_type), &[(piece, false)])
    }

    /// The provider of the last try answers with what arrives in `pieces`, and ends; returns what attempt lets out, and
    /// the status.
    pub fn ends(&mut self, status: u16, media_type: &str, pieces: &[&[u8]]) -> (String, u16) {
        let last = pieces.len().saturating_sub(1);
        let pieces: Vec<_> = pieces.iter().enumerate().map(|(at, piece)| (*piece, at == last)).collect();
        self.tries(&fields(status, media_type), &pieces)
    }

    /// As [`Walk::ends`], of a stream that arrives encoded and whole.
    pub fn ends_encoded(&mut self, body: &[u8]) -> (String, u16) {
        let mut fields = fields(200, "text/event-stream");
        fields.push(("content-encoding", "gzip".to_owned()));
        self.tries(&fields, &[(body, true)])
    }

    /// What attempt makes of a reply whose body arrives in `pieces`, each with whether it is the last; the head is the
    /// last where there is none.
    fn tries(&mut self, fields: &[(&str, String)], pieces: &[(&[u8], bool)]) -> (String, u16) {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let head = head(&fields);
        let status = head.status();
        // Right behind edge attempt sees no reply.
        if self.attempt.is_none() {
            return (String::new(), status);
        }
        let mut got = Got { status, ..Got::default() };
        let mut read = ReadReply::Not;
        let effects = self
            .attempt
            .as_mut()
            .unwrap()
            .on(AttemptEvent::ReplyHead { head: &head, end: pieces.is_empty() });
        let mut held = Vec::new();
        assert!(self.follow(effects, &mut read, &mut got, &held).is_none());
        for &(piece, end) in pieces {
            held.extend_from_slice(piece);
            if read == ReadReply::Pieces {
                let effects = self.attempt.as_mut().unwrap().on(AttemptEvent::ReplyBody { held: &held, end });
                if effects.flow == Flow::Wait {
                    continue;
                }
                assert!(self.follow(effects, &mut read, &mut got, &held).is_none());
            } else {
                got.push(&held);
            }
            held.clear();
        }
        let status = got.head.get(":status").map_or(status, |status| status.parse().unwrap());
        (got.body, status)
    }

    /// The provider of the last try answers, with the body in `pieces`.
    pub fn reply(&mut self, status: u16, media_type: &str, pieces: &[&[u8]]) -> Got {
        let (passed, told) = self.ends(status, media_type, pieces);
        assert_eq!((passed.as_bytes(), told), (&*pieces.concat(), status));
        self.arrive_from(Origin::Provider, status, media_type, pieces)
    }

    /// A reply of this origin reaches edge.
    pub fn arrive_from(&mut self, origin: Origin, status: u16, media_type: &str, pieces: &[&[u8]]) -> Got {
        let text = status.to_string();
        let fields = [(":status", text.as_str()), ("content-type", media_type), ("content-length", "7")];
        self.arrive_with(origin, &fields, pieces)
    }

    /// The provider of the last try, which may have been right behind edge, answers with the head `fields`; no pieces
    /// are no body.
    pub fn reply_with(&mut self, fields: &[(&str, &str)], pieces: &[&[u8]]) -> Got {
        let head = head(fields);
        let media_type = String::from_utf8(head.media_type().to_vec()).unwrap();
        self.begins(head.status(), &media_type, &pieces.concat());
        self.arrive_with(Origin::Provider, fields, pieces)
    }

    fn arrive_with(&mut self, origin: Origin, fields: &[(&str, &str)], pieces: &[&[u8]]) -> Got {
        let (mut got, mut read) = match self.opens(origin, fields, pieces.is_empty()) {
            Ok(opened) => opened,
            Err(answer) => return answer,
        };
        if pieces.is_empty() {
            return got;
        }
        match read {
            ReadReply::Not => pieces.iter().for_each(|piece| got.push(piece)),
            ReadReply::Pieces => {
                for (at, bytes) in pieces.iter().enumerate() {
                    self.piece(bytes, at + 1 == pieces.len(), &mut read, &mut got);
                }
            }
            ReadReply::Whole => {
                let body = pieces.concat();
                let mut effects = self.edge.on(EdgeEvent::ReplyGrew { bytes: body.len() }, &Keys);
                if effects.list.is_empty() {
                    effects = self.edge.on(EdgeEvent::ReplyBody { body: &body }, &Keys);
                }
                if let Some(answer) = self.follow(effects, &mut read, &mut got, &body) {
                    return answer;
                }
            }
        }
        got
    }

    /// The provider of the last try answers with `piece` and breaks off; returns what the client has by then.
    pub fn breaks_off(&mut self, media_type: &str, piece: &[u8]) -> Got {
        self.begins(200, media_type, piece);
        let fields = [(":status", "200"), ("content-type", media_type), ("content-length", "7")];
        let (mut got, mut read) = self.opens(Origin::Provider, &fields, false).unwrap();
        match read {
            ReadReply::Not => got.push(piece),
            ReadReply::Pieces => self.piece(piece, false, &mut read, &mut got),
            ReadReply::Whole => {
                self.edge.on(EdgeEvent::ReplyGrew { bytes: piece.len() }, &Keys);
                // Envoy answers by itself, past all filters.
                got = Got { status: 502, body: self.state["tollgate.failure"].clone(), ..Got::default() };
            }
        }
        got
    }

    /// The head of a reply reaches edge; an answer in its place is the error.
    fn opens(&mut self, origin: Origin, fields: &[(&str, &str)], end: bool) -> Result<(Got, ReadReply), Got> {
        let receipt = self.state.get("tollgate.receipt").map(|value| value.clone().into_bytes());
        let head = head(fields);
        let event = EdgeEvent::ReplyHead { head: &head, end, receipt, origin };
        let mut got = Got { status: head.status(), ..Got::default() };
        got.head = fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let effects = self.edge.on(event, &Keys);
        let mut read = ReadReply::Not;
        match self.follow(effects, &mut read, &mut got, &[]) {
            Some(answer) => Err(answer),
            None => Ok((got, read)),
        }
    }

    fn piece(&mut self, bytes: &[u8], end: bool, read: &mut ReadReply, got: &mut Got) {
        if self.edge.awaits_first_piece() {
            self.edge.on(EdgeEvent::FirstPiece { now: 1500 }, &Keys);
        }
        let effects = self.edge.on(EdgeEvent::ReplyPiece { bytes, end }, &Keys);
        self.follow(effects, read, got, bytes);
    }

    /// Applies what concerns the reply, with `here` as the bytes that are held.
    fn follow(&mut self, effects: Effects, read: &mut ReadReply, got: &mut Got, here: &[u8]) -> Option<Got> {
        let mut out = here.to_vec();
        let mut rest = Vec::new();
        for effect in effects.list {
            match effect {
                Effect::SetReplyHeader(name, value) => drop(got.head.insert(name.into(), value.into())),
                Effect::RemoveReplyHeader(name) => drop(got.head.remove(name)),
                Effect::ReplaceReply(with) => out = with,
                Effect::Read(how) => *read = how,
                other => rest.push(other),
            }
        }
        got.push(&out);
        self.apply(Effects { flow: effects.flow, list: rest }).err()
    }
}
