//! The golden table: every fixture of every dialect, written in every dialect, compared with `testdata/golden`.
//!
//! Fixtures stand in `testdata/<dialect>/{requests,replies,streams,errors}`; a dialect or a fixture that is added gets
//! its rows by itself. `UPDATE_GOLDEN=1 cargo test -p tollgate-gateway --test golden` writes the files anew; whoever
//! does so reads the difference.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use tollgate_gateway::chat::{Delta, Failure};
use tollgate_gateway::dialects::{Dialect, Unreadable};
use tollgate_gateway::wire::json::{Document, Kind, Str, Value};
use tollgate_gateway::wire::sse;

/// The longest event of a stream.
const EVENT_BYTES_MAX: usize = 1 << 20;
/// The time that replies are written at.
const CREATED: u64 = 1_700_000_000;
/// The status that errors arrive with.
const STATUS: u16 = 503;

/// One fixture, and the dialect it is in.
struct Fixture {
    dialect: Dialect,
    name: String,
    bytes: Vec<u8>,
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// All fixtures of a kind.
fn fixtures(kind: &str) -> Vec<Fixture> {
    let mut found = Vec::new();
    for dialect in Dialect::ALL {
        let folder = testdata().join(dialect.name()).join(kind);
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("a folder can be listed").path())
            .collect();
        files.sort();
        found.extend(files.iter().map(|file| Fixture {
            dialect,
            name: file.file_stem().expect("a file has a name").to_string_lossy().into_owned(),
            bytes: std::fs::read(file).expect("a fixture can be read"),
        }));
    }
    assert!(!found.is_empty(), "no fixtures of {kind}");
    found
}

/// The model that a provider of a dialect is asked for.
fn model(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenaiChat => "gpt-4o-mini",
        Dialect::AnthropicMessages => "claude-haiku-4-5",
    }
}

/// Compares what `write` makes of every fixture of `kind` in every dialect with the golden files, all in one go.
fn check(kind: &str, write: fn(&Fixture, Dialect) -> String) {
    let folder = testdata().join("golden").join(kind);
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    std::fs::create_dir_all(&folder).expect("the folder of golden files can be made");
    let (mut names, mut faults) = (BTreeSet::new(), String::new());
    for fixture in fixtures(kind) {
        for target in Dialect::ALL {
            let name = format!("{}.{}.to.{}.txt", fixture.dialect.name(), fixture.name, target.name());
            let (written, file) = (write(&fixture, target), folder.join(&name));
            if update {
                std::fs::write(&file, &written).expect("a golden file can be written");
            }
            let golden = std::fs::read_to_string(&file).unwrap_or_default();
            if golden != written {
                let _ = writeln!(faults, "{kind}/{name}: {}", difference(&golden, &written));
            }
            names.insert(name);
        }
    }
    for entry in std::fs::read_dir(&folder).expect("the folder can be listed") {
        let name = entry.expect("the folder can be listed").file_name().to_string_lossy().into_owned();
        if !names.contains(&name) {
            let _ = writeln!(faults, "{kind}/{name}: no fixture makes this file; delete it");
        }
    }
    assert!(faults.is_empty(), "{faults}UPDATE_GOLDEN=1 writes these files anew; read what changes");
}

/// The first line in which two texts differ.
fn difference(golden: &str, written: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (golden.lines().collect(), written.lines().collect());
    let line = |lines: &[&str], number: usize| lines.get(number).copied().unwrap_or("(end)").to_owned();
    match (0..old.len().max(new.len())).find(|&number| old.get(number) != new.get(number)) {
        Some(at) => format!("line {}\n  golden:  {}\n  written: {}", at + 1, line(&old, at), line(&new, at)),
        None => "line ends differ".to_owned(),
    }
}

/// JSON with one member or element a line, members in their order, everything else as it was written.
fn pretty(bytes: &[u8]) -> String {
    let document = Document::parse(bytes)
        .unwrap_or_else(|error| panic!("not JSON: {error}: {}", String::from_utf8_lossy(bytes)));
    let mut out = String::new();
    write_pretty(document.root(), 0, &mut out);
    out.push('\n');
    out
}

fn write_pretty(value: Value<'_>, depth: usize, out: &mut String) {
    let (open, close, members): (_, _, Vec<(String, Value<'_>)>) = match value.kind() {
        Kind::Object => {
            let member = |(name, value): (Str<'_>, _)| (format!("\"{}\": ", name.raw()), value);
            ('{', '}', value.entries().map(member).collect())
        }
        Kind::Array => ('[', ']', value.items().map(|value| (String::new(), value)).collect()),
        Kind::Null | Kind::True | Kind::False | Kind::Number | Kind::Plain | Kind::Escaped => {
            return out.push_str(value.raw());
        }
    };
    out.push(open);
    let last = members.len();
    for (index, (name, value)) in members.into_iter().enumerate() {
        let comma = if index + 1 == last { "" } else { "," };
        let _ = write!(out, "\n{}{name}", "  ".repeat(depth + 1));
        write_pretty(value, depth + 1, out);
        out.push_str(comma);
        if index + 1 == last {
            let _ = write!(out, "\n{}", "  ".repeat(depth));
        }
    }
    out.push(close);
}

/// The body for a provider, and above it what was not carried over.
fn request(fixture: &Fixture, target: Dialect) -> String {
    let document = Document::parse(&fixture.bytes).expect("a fixture is JSON");
    let chat = fixture.dialect.read_request(&document).unwrap_or_else(|invalid| {
        panic!("{} {}: {invalid:?}", fixture.dialect.name(), fixture.name);
    });
    let mut body = Vec::new();
    let unwritten = target.write_request(&chat, model(target), &mut body);
    let mut out = String::new();
    for (what, paths) in [("not read", &chat.unsupported), ("not written", &unwritten)] {
        for path in paths {
            let _ = writeln!(out, "# {what}: {}", path.0);
        }
    }
    out + &pretty(&body)
}

fn reply(fixture: &Fixture, target: Dialect) -> String {
    let document = Document::parse_reply(&fixture.bytes).expect("a fixture is JSON");
    let reply = fixture.dialect.read_reply(&document).expect("a fixture is a reply");
    let mut body = Vec::new();
    target.write_reply(&reply, CREATED, &mut body);
    pretty(&body)
}

fn failure(fixture: &Fixture, target: Dialect) -> String {
    let failure: Failure<'_> = fixture.dialect.read_failure(STATUS, &fixture.bytes);
    let mut body = Vec::new();
    target.write_failure(&failure, &mut body);
    format!("# {:?}, status {}\n{}", failure.class, failure.status, pretty(&body))
}

/// Reads a stream that arrives in `pieces`, and writes it; a last line tells how it ended, if not well.
fn stream_in<'p>(pieces: impl Iterator<Item = &'p [u8]>, source: Dialect, target: Dialect) -> String {
    let (mut reader, mut writer) = (source.stream_reader(), target.stream_writer(CREATED, true));
    let (mut out, mut ended, mut readable) = (Vec::new(), false, Ok(()));
    let mut decoder = sse::Decoder::new(EVENT_BYTES_MAX);
    let mut on_delta = |delta: Delta<'_>| {
        ended |= matches!(delta, Delta::End | Delta::Failed(_));
        writer.write(&delta, &mut out);
    };
    let mut read = |event: sse::Event<'_>| {
        readable = readable.and_then(|()| reader.read(event, &mut on_delta));
    };
    for piece in pieces {
        decoder.push(piece, &mut read).expect("events are short");
    }
    decoder.finish(&mut read);
    if readable.is_ok() {
        reader.finish(&mut on_delta);
    }
    let note = match readable {
        Err(Unreadable) => ": the stream could not be read further\n",
        Ok(()) if !ended => ": the stream broke off\n",
        Ok(()) => "",
    };
    String::from_utf8(out).expect("events are text") + note
}

fn stream(fixture: &Fixture, target: Dialect) -> String {
    stream_in(std::iter::once(fixture.bytes.as_slice()), fixture.dialect, target)
}

#[test]
fn requests_are_written_as_recorded() {
    check("requests", request);
}

#[test]
fn replies_are_written_as_recorded() {
    check("replies", reply);
}

#[test]
fn streams_are_written_as_recorded() {
    check("streams", stream);
}

#[test]
fn errors_are_written_as_recorded() {
    check("errors", failure);
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    for fixture in fixtures("streams") {
        for target in Dialect::ALL {
            let whole = stream(&fixture, target);
            let bytes = fixture.bytes.as_slice();
            let named = |cut: &str| format!("{} {}, {cut}", fixture.dialect.name(), fixture.name);
            let single = stream_in(bytes.chunks(1), fixture.dialect, target);
            assert_eq!(single, whole, "{}", named("byte by byte"));
            for at in 1..bytes.len() {
                let (one, two) = bytes.split_at(at);
                let cut = stream_in([one, two].into_iter(), fixture.dialect, target);
                assert_eq!(cut, whole, "{}", named(&format!("cut at {at}")));
            }
        }
    }
}

#[test]
fn what_is_written_can_be_read_and_written_again() {
    let body = |text: String| -> String {
        text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
    };
    for dialect in Dialect::ALL {
        for (kind, write) in [("requests", request as fn(&Fixture, Dialect) -> String), ("replies", reply)] {
            for fixture in fixtures(kind) {
                let once = body(write(&fixture, dialect));
                let again = Fixture { dialect, name: fixture.name, bytes: once.clone().into_bytes() };
                assert_eq!(body(write(&again, dialect)), once, "{kind} {} in {}", again.name, dialect.name());
            }
        }
        for fixture in fixtures("streams") {
            let once: String = stream(&fixture, dialect)
                .lines()
                .filter(|line| !line.starts_with(": "))
                .fold(String::new(), |text, line| text + line + "\n");
            let again = Fixture { dialect, name: fixture.name, bytes: once.clone().into_bytes() };
            let twice = stream(&again, dialect);
            assert!(
                twice.starts_with(&once),
                "stream {} in {}:\n{once}\n{twice}",
                again.name,
                dialect.name()
            );
        }
    }
}
