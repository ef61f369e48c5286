//! Takes connections, finds the dialect by the path, and answers as the script says.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

use crate::body::{Answering, gzip};
use crate::record::{Records, Watch};
use crate::script::{Matter, Script, Start, Wire};
use crate::shape::{Complaint, Node};
use crate::turn::Turn;
use crate::{answer, anthropic, openai};

/// Largest request body that is taken.
const REQUEST_BYTES_MAX: usize = 64 << 20;
/// Connections the system holds until they are accepted.
const BACKLOG: u32 = 4096;

/// What all connections share.
struct Shared {
    name: String,
    key: Option<String>,
    records: Records,
    gates: Mutex<HashMap<String, watch::Sender<bool>>>,
}

/// Serves until the process ends.
pub async fn serve(address: SocketAddr, name: String, key: Option<String>) -> io::Result<()> {
    let listener = listen(address)?;
    println!("listening on {}", listener.local_addr()?);
    let shared = Arc::new(Shared { name, key, records: Records::default(), gates: Mutex::default() });
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer_request(&shared, request));
            // An error here is a connection that broke off, on purpose or by the peer.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn answer_request(shared: &Shared, request: Request<Incoming>) -> io::Result<Response<Answering>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if let Some(control) = path.strip_prefix("/_") {
        return Ok(shared.control(&head.method, control));
    }
    let dialect = Dialect::of(path);
    let headers = head.headers.clone();
    let posted = head.method == Method::POST;
    let body = Limited::new(body, REQUEST_BYTES_MAX).collect().await.map_err(io::Error::other)?.to_bytes();
    let watch = shared.records.add(head, body.clone());
    let Some(dialect) = dialect.filter(|_| posted) else {
        return Ok(plain(404, openai::error(404, "no such path", None), watch));
    };
    match shared.read(dialect, &headers, &body) {
        Ok((turn, script)) => shared.perform(dialect, &turn, &script, watch).await,
        Err((status, error)) => Ok(plain(status, error, watch)),
    }
}

/// A JSON answer that no script bends.
fn plain(status: u16, body: String, watch: Watch) -> Response<Answering> {
    respond(status, "application/json", Answering::whole(body.into(), &Script::default(), watch))
}

fn respond(status: u16, kind: &'static str, body: Answering) -> Response<Answering> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The dialects spoken here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    OpenAi,
    Anthropic,
}

impl Dialect {
    /// By the path's end: a provider's prefix may stand before it.
    fn of(path: &str) -> Option<Self> {
        match path {
            _ if path.ends_with("/v1/chat/completions") => Some(Self::OpenAi),
            _ if path.ends_with("/v1/messages") => Some(Self::Anthropic),
            _ => None,
        }
    }

    fn error(self, status: u16, message: &str) -> String {
        match self {
            Self::OpenAi => openai::error(status, message, None),
            Self::Anthropic => anthropic::error(status, message),
        }
    }

    fn complain(self, complaint: &Complaint) -> String {
        match self {
            Self::OpenAi => openai::complain(complaint),
            Self::Anthropic => anthropic::complain(complaint),
        }
    }

    fn key(self, headers: &HeaderMap) -> Option<&str> {
        match self {
            Self::OpenAi => headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer "),
            Self::Anthropic => headers.get("x-api-key")?.to_str().ok(),
        }
    }

    fn request_id(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::OpenAi => "x-request-id",
            Self::Anthropic => "request-id",
        })
    }
}

/// What real providers say in every answer's head of themselves and of whose account it is, and what none should say.
const ACCOUNTS: [(&str, &str); 4] = [
    ("set-cookie", "__cf_bm=scripted; domain=.provider.example"),
    ("openai-organization", "org-scripted"),
    ("anthropic-organization-id", "org-scripted"),
    ("x-tollgate-cost-usd", "9"),
];

impl Shared {
    /// What tests ask and tell: `GET` and `DELETE /_requests`, `POST /_gates/{name}`.
    fn control(&self, method: &Method, path: &str) -> Response<Answering> {
        let unwatched = Records::default().add(Request::new(()).into_parts().0, Bytes::new());
        let body = match (method.as_str(), path.strip_prefix("gates/")) {
            ("POST", Some(gate)) => {
                self.gate(gate).send_replace(true);
                "{}".to_owned()
            }
            ("GET", None) if path == "requests" => self.records.json(),
            ("DELETE", None) if path == "requests" => {
                self.records.clear();
                self.gates.lock().unwrap_or_else(PoisonError::into_inner).clear();
                "{}".to_owned()
            }
            _ => return plain(404, openai::error(404, "no such path", None), unwatched),
        };
        plain(200, body, unwatched)
    }

    fn gate(&self, name: &str) -> watch::Sender<bool> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(name.to_owned()).or_insert_with(|| watch::channel(false).0).clone()
    }

    /// Reads the request as strictly as the real providers do; the error is status and body.
    fn read(
        &self,
        dialect: Dialect,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Turn, Script), (u16, String)> {
        let refuse = |status: u16, message: &str| Err((status, dialect.error(status, message)));
        if self.key.as_deref().is_some_and(|key| dialect.key(headers) != Some(key)) {
            return refuse(401, "the API key is missing or not the right one");
        }
        if dialect == Dialect::Anthropic && !headers.contains_key("anthropic-version") {
            return refuse(400, "anthropic-version: header is required");
        }
        if headers.get(CONTENT_TYPE).is_none_or(|kind| !kind.as_bytes().starts_with(b"application/json")) {
            return refuse(415, "content-type must be application/json");
        }
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return refuse(400, "the request body is not valid JSON");
        };
        let turn = match dialect {
            Dialect::OpenAi => openai::read(&value),
            Dialect::Anthropic => anthropic::read(&value),
        };
        let Some(script) = Script::read(&turn.model) else {
            return refuse(404, &format!("the model `{}` does not exist", turn.model));
        };
        if !script.quirks.lenient {
            let node = Node::root(&value);
            let checked = match dialect {
                Dialect::OpenAi => openai::check(&node),
                Dialect::Anthropic => anthropic::check(&node),
            };
            checked.map_err(|complaint| (400, dialect.complain(&complaint)))?;
        }
        Ok((turn, script))
    }

    async fn perform(
        &self,
        dialect: Dialect,
        turn: &Turn,
        script: &Script,
        watch: Watch,
    ) -> io::Result<Response<Answering>> {
        match script.start {
            Start::AtOnce => {}
            Start::After(time) => tokio::time::sleep(time).await,
            Start::Never => std::future::pending().await,
            Start::Reset => {
                watch.done();
                return Err(io::Error::other("closed as the script says"));
            }
        }
        let mut response = self.compose(dialect, turn, script, watch);
        let headers = response.headers_mut();
        headers.insert(dialect.request_id(), HeaderValue::from_static("req_scripted0001"));
        for (name, value) in ACCOUNTS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if script.wire == Wire::Gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if matches!(script.status, Some(429 | 529)) {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        }
        Ok(response)
    }

    fn compose(&self, dialect: Dialect, turn: &Turn, script: &Script, watch: Watch) -> Response<Answering> {
        let status = script.status.unwrap_or(200);
        let whole = |body: String, watch| {
            let body = if script.wire == Wire::Gzip { gzip(body.as_bytes()) } else { body.into() };
            respond(status, "application/json", Answering::whole(body, script, watch))
        };
        let error = |status: u16| {
            let message = format!("{} answers {status} with a message of its own", self.name);
            dialect.error(status, &message)
        };
        match script.matter {
            Matter::Rubbish => return whole("<html>this is {not JSON</html>".into(), watch),
            Matter::Empty => return whole(String::new(), watch),
            Matter::Page => {
                let page = Bytes::from_static(b"<html>a page with a message of its own</html>");
                return respond(status, "text/html", Answering::whole(page, script, watch));
            }
            Matter::Told(told) => return whole(error(told), watch),
            _ if status >= 300 => return whole(error(status), watch),
            _ => {}
        }
        let answer = answer::compose(turn, script, &self.name);
        if !turn.stream {
            let body = match dialect {
                Dialect::OpenAi => openai::json(turn, &answer, script),
                Dialect::Anthropic => anthropic::json(turn, &answer, script),
            };
            return whole(body, watch);
        }
        let message = format!("{} breaks off with a message of its own", self.name);
        let (events, error) = match dialect {
            Dialect::OpenAi => (openai::events(turn, &answer, script), openai::error_event(&message)),
            Dialect::Anthropic => {
                (anthropic::events(turn, &answer, script), anthropic::error_event(&message))
            }
        };
        let gate = script.gate.as_ref().map(|gate| self.gate(gate).subscribe());
        let body = Answering::stream(events, error, script, gate, watch);
        respond(status, "text/event-stream; charset=utf-8", body)
    }
}
