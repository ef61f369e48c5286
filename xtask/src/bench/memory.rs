//! Memory: what each further worker takes, and whether it grows with the number of requests.

use std::fs;

use super::Bench;
use super::fleet::{Envoy, Provider};
use super::load::{self, Amount};
use super::scene::{Ask, Dialect, Fallback, Goal, Reply, Variant};
use super::stats::median;
use super::table::{Table, against};
use crate::failure::{Failure, OrFail, Outcome};
use crate::ui::Step;

/// The numbers of workers that are compared.
const WORKERS: [usize; 3] = [1, 2, 4];
/// The target for each further worker, in MiB beyond the no-op filter.
const TARGET: f64 = 3.0;
/// What the allocator and Envoy's own statistics may do with any filter, in MiB.
const GROWTH_TARGET: f64 = 1.0;

/// Both tables.
pub fn measure(bench: &Bench) -> Outcome<Vec<Table>> {
    let mut provider = Provider::start(bench)?;
    let tables = vec![per_worker(bench, &provider)?, growth(bench, &provider)?];
    provider.check()?;
    Ok(tables)
}

fn per_worker(bench: &Bench, provider: &Provider) -> Outcome<Table> {
    let columns = ["variant", "1 worker", "2 workers", "4 workers", "per worker", "over no-op", "target"];
    let mut table = Table::new("Memory in MiB after a warm-up", &columns);
    let rounds = bench.effort.choose(3, 1);
    let step = Step::begin("measure memory per worker");
    let mut slopes: Vec<(Variant, Vec<f64>, f64)> = Vec::new();
    for variant in Variant::ALL {
        let mut resident = Vec::new();
        for workers in WORKERS {
            step.note(&format!("{variant}, {workers} workers"));
            let mut values = Vec::new();
            for _ in 0..rounds {
                let envoy = Envoy::start(bench, provider, variant, workers)?;
                warm(bench, &envoy, 32, 2000)?;
                values.push(resident_mib(envoy.id())?);
            }
            resident.push(median(&values));
        }
        let slope = slope(&resident);
        slopes.push((variant, resident, slope));
    }
    step.end();
    let noop = slopes.iter().find(|row| row.0 == Variant::Noop).map_or(f64::NAN, |row| row.2);
    for (variant, resident, slope) in slopes {
        let mut row = vec![variant.to_string()];
        row.extend(resident.iter().map(|mib| format!("{mib:.1}")));
        row.extend([format!("{slope:.1}"), format!("{:.1}", slope - noop)]);
        row.push(if variant == Variant::Tollgate { against(slope - noop, TARGET) } else { String::new() });
        table.row(row);
    }
    table.note("Resident memory; per worker is the difference of four workers and one, divided by three.");
    Ok(table)
}

/// What each further worker adds, from the resident memory at [`WORKERS`].
fn slope(resident: &[f64]) -> f64 {
    let further = (WORKERS[WORKERS.len() - 1] - WORKERS[0]) as f64;
    match (resident.first(), resident.last()) {
        (Some(first), Some(last)) => (last - first) / further,
        _ => f64::NAN,
    }
}

fn growth(bench: &Bench, provider: &Provider) -> Outcome<Table> {
    let requests = bench.effort.choose(100_000, 10_000);
    let title = format!("Memory over {requests} requests, in MiB, one worker");
    let mut table = Table::new(&title, &["variant", "before", "after", "growth", "target"]);
    let step = Step::begin("measure memory over many requests");
    for variant in [Variant::Noop, Variant::Tollgate] {
        step.note(&variant.to_string());
        let envoy = Envoy::start(bench, provider, variant, 1)?;
        warm(bench, &envoy, 8, 5000)?;
        let before = resident_mib(envoy.id())?;
        warm(bench, &envoy, 8, requests)?;
        let after = resident_mib(envoy.id())?;
        let target =
            if variant == Variant::Tollgate { against(after - before, GROWTH_TARGET) } else { String::new() };
        let grown = format!("{:.2}", after - before);
        table.row(vec![variant.to_string(), format!("{before:.1}"), format!("{after:.1}"), grown, target]);
    }
    step.end();
    table.note("Half of the requests are translated; a few are streams.");
    Ok(table)
}

/// Sends a mixture: same dialect and translated, and a stream of each now and then.
fn warm(bench: &Bench, envoy: &Envoy, connections: usize, requests: usize) -> Outcome<()> {
    let json = Ask { client: Dialect::OpenAi, body: "openai-1k", reply: Reply::Json };
    let stream = Ask { reply: Reply::Stream(1), ..json };
    for provider in [Dialect::OpenAi, Dialect::Anthropic] {
        // Without a gateway the client's dialect is the provider's.
        let provider = if envoy.variant == Variant::Tollgate { provider } else { json.client };
        for (ask, share) in [(&json, 20), (&stream, 1)] {
            let amount = Amount { connections, requests: requests * share / 42, warm_up: 0 };
            load::run(bench, envoy, ask, Goal { provider, fallback: Fallback::None }, amount)?;
        }
    }
    Ok(())
}

fn resident_mib(process: u32) -> Outcome<f64> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).or_fail(format!("read {path}"), "run it on Linux")?;
    let kib = resident_kib(&text)
        .ok_or_else(|| Failure::new(format!("{path} has no VmRSS"), "look whether Envoy still runs"))?;
    Ok(kib as f64 / 1024.0)
}

fn resident_kib(status: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    rest.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_its_line() {
        assert_eq!(resident_kib("VmPeak:\t  9 kB\nVmRSS:\t  81234 kB\nThreads:\t3\n"), Some(81234));
        assert_eq!(resident_kib("VmPeak:\t  9 kB\n"), None);
    }

    #[test]
    fn slope_is_per_further_worker() {
        assert_eq!(slope(&[50.0, 53.0, 59.0]), 3.0);
        assert!(slope(&[]).is_nan());
    }
}
