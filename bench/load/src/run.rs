//! The closed loop, and what it measured.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::Options;
use crate::answer::{Reader, find};
use crate::cpu;

/// How long an answer may take.
const WAIT: Duration = Duration::from_secs(20);

/// What a run measured.
pub struct Measured {
    requests: usize,
    cpu: u64,
    wall: u64,
    latencies: Vec<u64>,
}

impl fmt::Display for Measured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, cpu, wall, latencies } = self;
        let (p50, p99) = (quantile(latencies, 50), quantile(latencies, 99));
        write!(formatter, "requests={requests} cpu_ns={cpu} wall_ns={wall} p50_ns={p50} p99_ns={p99}")
    }
}

/// The value below which so many per cent of the sorted values are.
fn quantile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// Runs the whole: the warm-up, then the measured requests.
pub fn run(options: &Options) -> Result<Measured, String> {
    if options.connections == 0 {
        return Err("at least one connection is needed".to_owned());
    }
    let request = request(options)?;
    let lines =
        (0..options.connections).map(|_| Line::open(options, &request)).collect::<Result<Vec<_>, _>>()?;
    let (warm, begin) = (Barrier::new(options.connections + 1), Barrier::new(options.connections + 1));
    thread::scope(|scope| {
        let share = |total: usize, at: usize| {
            total / options.connections + usize::from(at < total % options.connections)
        };
        let senders: Vec<_> = lines
            .into_iter()
            .enumerate()
            .map(|(at, mut line)| {
                let (warm, begin) = (&warm, &begin);
                scope.spawn(move || {
                    let warmed = line.send(share(options.warm_up, at));
                    warm.wait();
                    begin.wait();
                    warmed.and_then(|_| line.send(share(options.requests, at)))
                })
            })
            .collect();
        warm.wait();
        let (before, started) = (cpu::used(options.process), Instant::now());
        begin.wait();
        let sent: Vec<_> = senders.into_iter().map(|sender| sender.join()).collect();
        let wall = started.elapsed().as_nanos() as u64;
        let cpu = cpu::used(options.process)?.saturating_sub(before?);
        let mut latencies = Vec::with_capacity(options.requests);
        for sent in sent {
            latencies.extend(sent.map_err(|_| "a sender panicked".to_owned())??);
        }
        latencies.sort_unstable();
        Ok(Measured { requests: latencies.len(), cpu, wall, latencies })
    })
}

fn request(options: &Options) -> Result<Vec<u8>, String> {
    let body = fs::read(&options.body).map_err(|error| format!("{}: {error}", options.body.display()))?;
    let mut head = format!("POST {} HTTP/1.1\r\nhost: {}\r\n", options.path, options.address);
    for header in &options.headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    Ok([head.into_bytes(), body].concat())
}

/// One connection.
struct Line<'o> {
    stream: TcpStream,
    reader: Reader,
    request: &'o [u8],
    options: &'o Options,
}

impl<'o> Line<'o> {
    fn open(options: &'o Options, request: &'o [u8]) -> Result<Self, String> {
        let opened = TcpStream::connect(options.address).and_then(|stream| {
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(WAIT))?;
            stream.set_write_timeout(Some(WAIT))?;
            Ok(stream)
        });
        let stream = opened.map_err(|error| format!("connect to {}: {error}", options.address))?;
        Ok(Self { stream, reader: Reader::default(), request, options })
    }

    /// Sends the request so many times; how long each answer took, in nanoseconds.
    fn send(&mut self, count: usize) -> Result<Vec<u64>, String> {
        let mut latencies = Vec::with_capacity(count);
        for _ in 0..count {
            let started = Instant::now();
            self.stream.write_all(self.request).map_err(|error| error.to_string())?;
            let body = self.reader.read(&mut self.stream)?;
            latencies.push(started.elapsed().as_nanos() as u64);
            check(body, self.options)?;
        }
        Ok(latencies)
    }
}

/// Looks for the expected text from the end, where it is.
fn check(body: &[u8], options: &Options) -> Result<(), String> {
    if !body.trim_ascii_end().ends_with(options.ends.as_bytes()) {
        return Err(format!("an answer does not end with `{}`", options.ends));
    }
    match find(body, options.contains.as_bytes()) {
        Some(_) => Ok(()),
        None => Err(format!("an answer does not contain `{}`", options.contains)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values: Vec<u64> = (1..=200).collect();
        assert_eq!(quantile(&values, 50), 100);
        assert_eq!(quantile(&values, 99), 198);
        assert_eq!(quantile(&[7], 99), 7);
        assert_eq!(quantile(&[], 50), 0);
    }

    #[test]
    fn measured_is_one_line_of_named_numbers() {
        let measured = Measured { requests: 2, cpu: 30, wall: 40, latencies: vec![5, 9] };
        assert_eq!(measured.to_string(), "requests=2 cpu_ns=30 wall_ns=40 p50_ns=5 p99_ns=9");
    }
}
