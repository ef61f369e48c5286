//! Runs the load generator once and reads the line it prints.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

use super::Bench;
use super::fleet::Envoy;
use super::scene::{Ask, Goal};
use crate::command;
use crate::failure::{CHECK_FOLDER, Failure, OrFail, Outcome};

/// How much is sent.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Over so many connections.
    pub connections: usize,
    /// So many requests are measured.
    pub requests: usize,
    /// And so many go before.
    pub warm_up: usize,
}

/// What one run measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Envoy's processor time per request, in microseconds.
    pub cpu_us: f64,
    /// The latency that half of the requests were below, in microseconds.
    pub p50_us: f64,
    /// The latency that 99 per cent of the requests were below, in microseconds.
    pub p99_us: f64,
}

/// Sends `ask` to `envoy`, meant to reach `goal`.
pub fn run(bench: &Bench, envoy: &Envoy, ask: &Ask, goal: Goal, amount: Amount) -> Outcome<Measured> {
    let template = bench.bodies.join(format!("{}.json", ask.body));
    let template =
        fs::read_to_string(&template).or_fail(format!("read {}", template.display()), CHECK_FOLDER)?;
    let body = bench.scratch.join("body.json");
    fs::write(&body, ask.body(&template, envoy.variant, goal))
        .or_fail(format!("write {}", body.display()), CHECK_FOLDER)?;
    let expected = ask.expected();
    let mut load = Command::new(&bench.load);
    load.args(["--address", &envoy.address.to_string(), "--path", ask.client.path()]);
    load.args(["--process", &envoy.id().to_string(), "--contains", &expected.contains]);
    load.args(["--ends", expected.ends, "--body"]).arg(&body);
    load.args(["--connections", &amount.connections.to_string()]);
    load.args(["--requests", &amount.requests.to_string(), "--warm-up", &amount.warm_up.to_string()]);
    for header in ask.client.headers() {
        load.args(["--header", header]);
    }
    let what = format!("send requests to {}", envoy.variant);
    let line = command::output(&mut load, &what, "read Envoy's log in target/bench")?;
    read(&line).ok_or_else(|| Failure::new(format!("the load generator said `{line}`"), "rebuild it"))
}

/// Reads `name=number` pairs.
fn read(line: &str) -> Option<Measured> {
    let fields: HashMap<&str, f64> = line
        .split_whitespace()
        .map(|field| {
            let (name, number) = field.split_once('=')?;
            Some((name, number.parse().ok()?))
        })
        .collect::<Option<_>>()?;
    let requests = fields.get("requests").copied().filter(|requests| *requests > 0.0)?;
    let microseconds = |name| Some(fields.get(name)? / 1000.0);
    Some(Measured {
        cpu_us: microseconds("cpu_ns")? / requests,
        p50_us: microseconds("p50_ns")?,
        p99_us: microseconds("p99_ns")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_read_by_its_names() {
        let line = "requests=10 cpu_ns=2000000 wall_ns=9 p50_ns=1500 p99_ns=2500\n";
        assert_eq!(read(line), Some(Measured { cpu_us: 200.0, p50_us: 1.5, p99_us: 2.5 }));
    }

    #[test]
    fn line_with_something_missing_is_not_a_measurement() {
        for line in
            ["", "requests=0 cpu_ns=1 p50_ns=1 p99_ns=1", "requests=1 cpu_ns=1 p50_ns=1", "requests=x"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
