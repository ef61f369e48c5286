//! Size, and the time from the start of the process to readiness and to the first answer.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::Bench;
use super::fleet::{Envoy, Provider, Rendered, is_ready};
use super::scene::{Ask, Dialect, Fallback, Goal, Reply, Variant};
use super::stats::median;
use super::table::{Table, against};
use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};
use crate::ui::Step;

/// The target for the wasm, in bytes.
const BYTES_TARGET: f64 = 1_200_000.0;
/// The target for the time to readiness, in milliseconds.
const READY_TARGET: f64 = 800.0;
const LIMIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Both tables.
pub fn measure(bench: &Bench) -> Outcome<Vec<Table>> {
    Ok(vec![sizes(bench)?, times(bench)?])
}

fn sizes(bench: &Bench) -> Outcome<Table> {
    let mut table = Table::new("Size of the wasm", &["variant", "bytes", "target"]);
    let (noop, ours) = (bytes(&bench.noop)?, bytes(&bench.wasm)?);
    table.row(vec![Variant::Noop.to_string(), noop.to_string(), String::new()]);
    table.row(vec![Variant::Tollgate.to_string(), ours.to_string(), against(ours as f64, BYTES_TARGET)]);
    Ok(table)
}

fn bytes(path: &Path) -> Outcome<u64> {
    Ok(fs::metadata(path).or_fail(format!("read {}", path.display()), CHECK_FOLDER)?.len())
}

fn times(bench: &Bench) -> Outcome<Table> {
    let mut provider = Provider::start(bench)?;
    let step = Step::begin("measure the start");
    let mut taken = Variant::ALL.map(|_| (Vec::new(), Vec::new()));
    let rounds = bench.effort.choose(7, 3);
    for round in 0..rounds {
        for (variant, (ready, answered)) in Variant::ALL.into_iter().zip(&mut taken) {
            step.note(&format!("round {} of {rounds}: {variant}", round + 1));
            let rendered = Rendered::new(bench, &provider, variant)?;
            let started = Instant::now();
            let envoy = Envoy::launch(bench, &rendered, 1)?;
            ready.push(until(started, || is_ready(envoy.admin_port))?);
            let request = request(bench, variant, envoy.address)?;
            answered.push(until(started, || answers(envoy.address, &request))?);
        }
        provider.check()?;
    }
    step.end();
    let mut table = Table::new("Start in ms", &["variant", "ready", "first answer", "target ready"]);
    for (variant, (ready, answered)) in Variant::ALL.into_iter().zip(&taken) {
        let ready = median(ready);
        let target = if variant == Variant::Tollgate { against(ready, READY_TARGET) } else { String::new() };
        table.row(vec![
            variant.to_string(),
            format!("{ready:.0}"),
            format!("{:.0}", median(answered)),
            target,
        ]);
    }
    table.note("From the start of the process, with one worker; the median of the rounds.");
    Ok(table)
}

/// Milliseconds since `started` when `done` says yes.
fn until(started: Instant, done: impl Fn() -> bool) -> Outcome<f64> {
    while !done() {
        if started.elapsed() > LIMIT {
            let waited = format!("Envoy did not answer within {} s", LIMIT.as_secs());
            return Err(Failure::new(waited, "read its log in target/bench"));
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

fn request(bench: &Bench, variant: Variant, address: SocketAddr) -> Outcome<Vec<u8>> {
    let ask = Ask { client: Dialect::OpenAi, body: "openai-1k", reply: Reply::Json };
    let path = bench.bodies.join(format!("{}.json", ask.body));
    let template = fs::read_to_string(&path).or_fail(format!("read {}", path.display()), CHECK_FOLDER)?;
    let body = ask.body(&template, variant, Goal { provider: ask.client, fallback: Fallback::None });
    let (path, length) = (ask.client.path(), body.len());
    Ok(format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
    .into_bytes())
}

fn answers(address: SocketAddr, request: &[u8]) -> bool {
    let mut answer = Vec::new();
    let sent = TcpStream::connect_timeout(&address, LOOK_EVERY * 50).and_then(|mut stream| {
        stream.set_read_timeout(Some(LIMIT))?;
        stream.write_all(request)?;
        stream.read_to_end(&mut answer)
    });
    sent.is_ok() && answer.starts_with(b"HTTP/1.1 200 ")
}
