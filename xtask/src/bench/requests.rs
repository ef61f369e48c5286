//! Processor time and latency of requests, as multiples of plain Envoy and of the filter that does nothing.
//!
//! All variants run beside each other, idle but for the one that is asked; each round asks every contender once, and
//! begins with another than the round before.

use super::Bench;
use super::fleet::{self, Envoy, Provider};
use super::load::{self, Amount, Measured};
use super::scene::{Ask, Dialect, Fallback, Goal, Reply, Variant};
use super::stats::{Centre, least, median, paired};
use super::table::{Table, against};
use crate::failure::{Failure, Outcome};
use crate::ui::Step;

/// Events of text in a measured stream.
pub const EVENTS: usize = 200;
/// The targets for requests, as multiples of the no-op filter.
const TARGETS: Targets = Targets { same: 1.2, translated: 1.4 };
/// The targets for each event of a stream, as multiples of the no-op filter.
const EVENT_TARGETS: Targets = Targets { same: 1.15, translated: 2.0 };
/// The targets for the median of the added latency, in microseconds.
const LATENCY_TARGETS: Targets = Targets { same: 80.0, translated: 120.0 };

/// The columns of what [`compare`] writes.
const COLUMNS: [&str; 9] =
    ["client", "variant", "µs", "least µs", "× plain", "× no-op", "±", "least × no-op", "target"];

struct Targets {
    same: f64,
    translated: f64,
}

/// Who is asked: a variant, and whom it is to reach.
#[derive(Clone, Copy)]
struct Contender {
    variant: Variant,
    goal: Goal,
}

/// Where plain Envoy and the no-op filter are among the contenders.
const PLAIN: usize = 0;
const NOOP: usize = 1;

fn contenders(client: Dialect) -> [Contender; 6] {
    let contender = |variant, provider, fallback| Contender { variant, goal: Goal { provider, fallback } };
    [
        contender(Variant::Plain, client, Fallback::None),
        contender(Variant::Noop, client, Fallback::None),
        contender(Variant::Tollgate, client, Fallback::None),
        contender(Variant::Tollgate, client, Fallback::One),
        contender(Variant::Tollgate, client.other(), Fallback::None),
        contender(Variant::Tollgate, client.other(), Fallback::One),
    ]
}

impl Contender {
    fn name(self, client: Dialect) -> String {
        let Goal { provider, fallback } = self.goal;
        let safe = if fallback == Fallback::One { ", with fallback" } else { "" };
        match self.variant {
            Variant::Plain | Variant::Noop => self.variant.to_string(),
            Variant::Tollgate if provider == client => format!("Tollgate, same dialect{safe}"),
            Variant::Tollgate => format!("Tollgate, to {}{safe}", provider.provider()),
        }
    }

    fn target(self, client: Dialect, targets: &Targets) -> Option<f64> {
        (self.variant == Variant::Tollgate).then_some(if self.goal.provider == client {
            targets.same
        } else {
            targets.translated
        })
    }
}

const ASKS: [(&str, Ask); 3] = [
    ("1 KB, OpenAI", Ask { client: Dialect::OpenAi, body: "openai-1k", reply: Reply::Json }),
    ("32 KB, OpenAI", Ask { client: Dialect::OpenAi, body: "openai-32k", reply: Reply::Json }),
    ("1 KB, Anthropic", Ask { client: Dialect::Anthropic, body: "anthropic-1k", reply: Reply::Json }),
];

/// Processor time per request.
pub fn cpu(bench: &Bench) -> Outcome<Vec<Table>> {
    let mut scene = Scene::open(bench)?;
    let mut table = Table::new("CPU per request", &COLUMNS);
    let (rounds, requests) = bench.effort.choose((21, 1500), (7, 800));
    for (title, ask) in ASKS {
        let amount = Amount { connections: 4, requests, warm_up: 100 };
        let rounds = scene.rounds(title, rounds, &ask, amount, |measured| measured.cpu_us)?;
        compare(&mut table, title, &ask, &rounds, &TARGETS);
    }
    table.note(
        "Envoy's user and system time, one worker, four connections in a closed loop; × are medians of the ratios \
         within each round, ± half the distance of the quartiles of the second; `least` compares each variant's best \
         round, which other programs on the machine disturb least.",
    );
    Ok(vec![table])
}

/// Processor time per event of a stream.
pub fn stream(bench: &Bench) -> Outcome<Vec<Table>> {
    let mut scene = Scene::open(bench)?;
    let mut table = Table::new("CPU per event of a stream", &COLUMNS);
    let (rounds, streams) = bench.effort.choose((5, 64), (3, 64));
    for (title, client, body) in
        [("OpenAI", Dialect::OpenAi, "openai-1k"), ("Anthropic", Dialect::Anthropic, "anthropic-1k")]
    {
        let ask = |events| Ask { client, body, reply: Reply::Stream(events) };
        let amount = |requests| Amount { connections: 64, requests, warm_up: 64 };
        let cpu = |measured: &Measured| measured.cpu_us;
        let long = scene.rounds(title, rounds, &ask(EVENTS), amount(streams), cpu)?;
        let short = scene.rounds(title, rounds, &ask(1), amount(streams * 8), cpu)?;
        let per_event: Vec<Vec<f64>> = long
            .iter()
            .zip(&short)
            .map(|(long, short)| paired(long, short, |long, short| (long - short) / (EVENTS - 1) as f64))
            .collect();
        compare(&mut table, title, &ask(EVENTS), &per_event, &EVENT_TARGETS);
    }
    table.note(format!(
        "(CPU of a stream of {EVENTS} events − CPU of a stream of one) / {}; the provider writes each event by itself, \
         some milliseconds apart, on 64 connections.",
        EVENTS - 1
    ));
    Ok(vec![table])
}

/// Latency at one connection.
pub fn latency(bench: &Bench) -> Outcome<Vec<Table>> {
    let mut scene = Scene::open(bench)?;
    let columns = ["client", "variant", "p50 µs", "p99 µs", "added p50", "±", "added p99", "target p50"];
    let mut table = Table::new("Latency at one connection", &columns);
    let (rounds, requests) = bench.effort.choose((15, 800), (5, 500));
    for (title, ask) in ASKS {
        let amount = Amount { connections: 1, requests, warm_up: 50 };
        let pairs =
            scene.rounds(title, rounds, &ask, amount, |measured| (measured.p50_us, measured.p99_us))?;
        let p50: Vec<Vec<f64>> =
            pairs.iter().map(|rounds| rounds.iter().map(|pair| pair.0).collect()).collect();
        let p99: Vec<Vec<f64>> =
            pairs.iter().map(|rounds| rounds.iter().map(|pair| pair.1).collect()).collect();
        for (at, contender) in contenders(ask.client).into_iter().enumerate() {
            let added = Centre::of_difference(&p50[at], &p50[PLAIN]);
            let target = contender.target(ask.client, &LATENCY_TARGETS).filter(|_| ask.body.ends_with("-1k"));
            table.row(vec![
                title.to_owned(),
                contender.name(ask.client),
                format!("{:.0}", median(&p50[at])),
                format!("{:.0}", median(&p99[at])),
                format!("{:.0}", added.middle),
                format!("{:.0}", added.spread),
                format!("{:.0}", Centre::of_difference(&p99[at], &p99[PLAIN]).middle),
                target.map_or(String::new(), |target| against(added.middle, target)),
            ]);
        }
    }
    table.note("The differences are taken within each round; the targets are for 1 KB.");
    Ok(vec![table])
}

fn compare(table: &mut Table, title: &str, ask: &Ask, rounds: &[Vec<f64>], targets: &Targets) {
    for (at, contender) in contenders(ask.client).into_iter().enumerate() {
        let to_plain = Centre::of_ratio(&rounds[at], &rounds[PLAIN]);
        let to_noop = Centre::of_ratio(&rounds[at], &rounds[NOOP]);
        let target = contender.target(ask.client, targets);
        table.row(vec![
            title.to_owned(),
            contender.name(ask.client),
            format!("{:.1}", median(&rounds[at])),
            format!("{:.1}", least(&rounds[at])),
            format!("{:.2}", to_plain.middle),
            format!("{:.2}", to_noop.middle),
            format!("{:.2}", to_noop.spread),
            format!("{:.2}", least(&rounds[at]) / least(&rounds[NOOP])),
            target.map_or(String::new(), |target| against(to_noop.middle, target)),
        ]);
    }
}

/// Everything that runs while requests are measured.
struct Scene<'b> {
    bench: &'b Bench,
    provider: Provider,
    envoys: Vec<Envoy>,
}

impl<'b> Scene<'b> {
    fn open(bench: &'b Bench) -> Outcome<Self> {
        let provider = Provider::start(bench)?;
        let envoys = fleet::all(bench, &provider)?;
        Ok(Self { bench, provider, envoys })
    }

    /// What each contender gave in each round.
    fn rounds<T>(
        &mut self,
        title: &str,
        count: usize,
        ask: &Ask,
        amount: Amount,
        take: impl Fn(&Measured) -> T,
    ) -> Outcome<Vec<Vec<T>>> {
        let contenders = contenders(ask.client);
        let mut taken: Vec<Vec<T>> = contenders.iter().map(|_| Vec::with_capacity(count)).collect();
        let step = Step::begin(&format!("measure {title}"));
        // The first round is thrown away: it warms caches, pools and the optimising compiler.
        for round in 0..=count {
            for turn in 0..contenders.len() {
                let at = (round + turn) % contenders.len();
                let Contender { variant, goal } = contenders[at];
                step.note(&format!("round {round} of {count}: {variant}"));
                let envoy = self.envoy(variant)?;
                let measured = load::run(self.bench, envoy, ask, goal, amount)?;
                if round > 0 {
                    taken[at].push(take(&measured));
                }
            }
            self.provider.check()?;
        }
        step.end();
        Ok(taken)
    }

    fn envoy(&self, variant: Variant) -> Outcome<&Envoy> {
        self.envoys
            .iter()
            .find(|envoy| envoy.variant == variant)
            .ok_or_else(|| Failure::new(format!("{variant} is not running"), "run it again"))
    }
}
