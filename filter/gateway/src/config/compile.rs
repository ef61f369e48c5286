//! From what was written to what it means, with every mistake at once.
//!
//! It decides defaults and limits, and leaves out optional providers whose key is missing. It reads no file and no
//! environment: the look-up is an argument. It never repeats a key.

use std::net::{IpAddr, Ipv4Addr};

use super::compiled::{Bounds, Compiled, Endpoint};
use super::problem::{Path, Problem};
use super::settings::{OtherPaths, Unsupported};
use super::units::{Period, Size};
use super::written::{self, Written};
use super::{providers, targets};
use crate::headers;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
/// How many headers may be forwarded by choice: each is looked up for every header of a request.
const FORWARDED_MAX: usize = 64;

/// Compiles the configuration; `env` looks up an environment variable of the process that will run the filter.
///
/// # Errors
/// Every problem found, in the order of the document.
pub fn compile(written: &Written, env: &dyn Fn(&str) -> Option<String>) -> Result<Compiled, Vec<Problem>> {
    let mut problems = Vec::new();
    check_version(written, &mut problems);
    let listen = endpoint(written.listen.as_ref(), &Path::root().field("listen"), 10_000, &mut problems);
    let admin = endpoint(written.admin.as_ref(), &Path::root().field("admin"), 9_901, &mut problems);
    check_apart(written, listen, admin, &mut problems);
    let bounds = bounds(written.bounds.as_ref(), &mut problems);
    let forward_headers = forwarded(written.forward_headers.as_deref(), &mut problems);
    let providers = providers::compile(written, env, &mut problems);
    let models = targets::compile(written, &providers, bounds.stream_idle_ms, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut left_out = providers.left_out_lines();
    left_out.extend(models.left_out);
    let warnings = providers.warnings();
    Ok(Compiled {
        listen,
        admin,
        bounds,
        unsupported: unsupported(written),
        response_headers: written.response_headers.unwrap_or(true),
        forward_headers,
        other_paths: match written.other_paths {
            Some(written::OtherPaths::Pass) => OtherPaths::Pass,
            Some(written::OtherPaths::Refuse) | None => OtherPaths::Refuse,
        },
        providers: providers.available,
        models: models.available,
        left_out,
        warnings,
    })
}

fn check_version(written: &Written, problems: &mut Vec<Problem>) {
    let path = Path::root().field("version");
    match written.version {
        Some(1) => {}
        Some(other) => {
            problems.push(Problem::value(
                path,
                format!("version {other} is not known"),
                "write `version: 1`",
            ));
        }
        None => problems.push(Problem::value(path, "the version is missing", "write `version: 1`")),
    }
}

fn endpoint(
    written: Option<&written::Address>,
    path: &Path,
    default_port: u16,
    problems: &mut Vec<Problem>,
) -> Endpoint {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut endpoint = Endpoint { address: loopback, port: default_port };
    if let Some(text) = written.and_then(|it| it.address.as_deref()) {
        match text.parse() {
            Ok(address) => endpoint.address = address,
            Err(_) => problems.push(Problem::value(
                path.field("address"),
                format!("`{text}` is not an IP address"),
                "write an address such as `127.0.0.1`, or `0.0.0.0` for every interface",
            )),
        }
    }
    if let Some(port) = written.and_then(|it| it.port) {
        match u16::try_from(port) {
            Ok(port @ 1..) => endpoint.port = port,
            Ok(0) | Err(_) => problems.push(Problem::value(
                path.field("port"),
                format!("{port} is not a port"),
                format!("write a number from 1 to 65535, such as `{default_port}`"),
            )),
        }
    }
    endpoint
}

/// The admin interface can stop the gateway and read its configuration, so it is never offered to a network.
fn check_apart(written: &Written, listen: Endpoint, admin: Endpoint, problems: &mut Vec<Problem>) {
    let path = Path::root().field("admin");
    if !admin.address.is_loopback() {
        problems.push(Problem::value(
            path.field("address"),
            format!("the admin interface would be open to a network at {}", admin.address),
            "write a loopback address such as `127.0.0.1`",
        ));
    }
    if listen.overlaps(&admin) {
        // Who wrote no admin port finds the mistake where they wrote a port.
        let problem = if written.admin.as_ref().is_some_and(|it| it.port.is_some()) {
            let message = format!("port {} is already where clients connect", admin.port);
            Problem::value(path.field("port"), message, "write another port than `listen.port`")
        } else {
            let message = format!("port {} is where the admin interface listens", admin.port);
            let help = "write another port, or another `admin.port`";
            Problem::value(Path::root().field("listen").field("port"), message, help)
        };
        problems.push(problem);
    }
}

fn bounds(written: Option<&written::Bounds>, problems: &mut Vec<Problem>) -> Bounds {
    let path = Path::root().field("bounds");
    let written = written.cloned().unwrap_or_default();
    let size = |name: &str, value: Option<Size>, default: u64, max: u64, problems: &mut Vec<Problem>| {
        let range = Size::bytes(KIB)..=Size::bytes(max);
        within(path.field(name), value.unwrap_or(Size::bytes(default)), range, problems)
    };
    let request = size("request_body", written.request_body, 16 * MIB, 256 * MIB, problems);
    let response = size("response_body", written.response_body, 16 * MIB, 256 * MIB, problems);
    let event = size("event", written.event, MIB, 16 * MIB, problems);
    let bytes = |size: Size| u32::try_from(size.as_bytes()).unwrap_or(u32::MAX);
    Bounds {
        request_body_bytes: bytes(request),
        response_body_bytes: bytes(response),
        event_bytes: bytes(event),
        stream_idle_ms: period(
            path.field("stream_idle"),
            written.stream_idle.unwrap_or(Period::millis(60 * SECOND)),
            problems,
        ),
        connect_timeout_ms: within(
            path.field("connect_timeout"),
            written.connect_timeout.unwrap_or(Period::millis(5 * SECOND)),
            Period::millis(10)..=Period::millis(300 * SECOND),
            problems,
        )
        .as_millis(),
    }
}

/// A time that a client waits: at least 100ms, at most an hour.
pub(super) fn period(path: Path, value: Period, problems: &mut Vec<Problem>) -> u64 {
    within(path, value, Period::millis(100)..=Period::millis(HOUR), problems).as_millis()
}

fn within<T: Copy + PartialOrd + std::fmt::Display>(
    path: Path,
    value: T,
    range: std::ops::RangeInclusive<T>,
    problems: &mut Vec<Problem>,
) -> T {
    if !range.contains(&value) {
        let message = format!("{value} is out of range");
        problems.push(Problem::value(path, message, format!("write {} to {}", range.start(), range.end())));
    }
    value
}

/// The headers that are forwarded by choice: never one that carries a credential or steers the gateway.
fn forwarded(written: Option<&[String]>, problems: &mut Vec<Problem>) -> Vec<String> {
    let path = Path::root().field("forward_headers");
    let written = written.unwrap_or_default();
    if written.len() > FORWARDED_MAX {
        let message = format!("there are more than {FORWARDED_MAX} headers");
        problems.push(Problem::value(path.clone(), message, "leave some out"));
    }
    for (at, name) in written.iter().enumerate() {
        let is_token = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let (message, help) = if name.is_empty() || name.len() > 128 || !name.bytes().all(is_token) {
            ("this cannot name a header", "write small letters, digits and `-`, such as `x-team`")
        } else if headers::is_reserved(name.as_bytes()) {
            ("this header is never forwarded", "leave it out: credentials and control headers stay here")
        } else {
            continue;
        };
        problems.push(Problem::value(path.index(at), message, help));
    }
    written.to_vec()
}

fn unsupported(written: &Written) -> Unsupported {
    match written.translation.as_ref().and_then(|it| it.unsupported) {
        Some(written::Unsupported::Refuse) => Unsupported::Refuse,
        Some(written::Unsupported::Drop) | None => Unsupported::Drop,
    }
}
