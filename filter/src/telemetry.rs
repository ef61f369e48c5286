//! Metrics on their way to Envoy: kept for a moment and handed over many at a time.
//!
//! A call into Envoy costs far more in the middle of a request, when nothing of it is in the processor's caches, than
//! one of many in a row. So samples wait for the next tick.

use std::cell::RefCell;
use std::time::Duration;

use hashbrown::HashMap;
use tollgate_gateway::effect::{Sample, Series};
use tollgate_gateway::telemetry::Kind;

use crate::host::{self, MetricType, Refused};

/// How long a sample waits at most.
pub const PERIOD: Duration = Duration::from_millis(500);
/// How many samples wait at most; the next one takes them all along.
const WAITING_MAX: usize = 512;

/// The metrics of one root context.
#[derive(Debug)]
pub struct Telemetry {
    state: RefCell<State>,
}

impl Default for Telemetry {
    fn default() -> Self {
        let (waiting, ids) = (Vec::new(), HashMap::new());
        Self { state: RefCell::new(State { waiting, waiting_max: WAITING_MAX, ids }) }
    }
}

#[derive(Debug)]
struct State {
    waiting: Vec<Sample>,
    /// How many may wait: none when no tick will come any more.
    waiting_max: usize,
    /// What Envoy calls each series. There are as many as the configuration has names, so nothing bounds them further.
    ids: HashMap<Series, u32>,
}

impl Telemetry {
    /// Adds `sample` to its metric, soon.
    pub fn record(&self, sample: Sample) {
        let mut state = self.state.borrow_mut();
        state.waiting.push(sample);
        if state.waiting.len() >= state.waiting_max {
            state.hand_over();
        }
    }

    /// Hands over all that waits.
    pub fn hand_over(&self) {
        self.state.borrow_mut().hand_over();
    }

    /// Hands over all that waits, and from now on each sample at once: the configuration was replaced, so no tick comes
    /// any more, while the streams that began under it go on.
    pub fn close(&self) {
        let mut state = self.state.borrow_mut();
        state.waiting_max = 0;
        state.hand_over();
    }
}

impl State {
    fn hand_over(&mut self) {
        let Self { waiting, ids, .. } = self;
        for Sample { series, amount } in waiting.drain(..) {
            let kind = series.metric.kind();
            let Ok(id) = id(ids, series, kind) else { continue };
            match kind {
                Kind::Counter => host::count(id, amount),
                Kind::Histogram => host::record(id, amount),
            }
        }
    }
}

fn id(ids: &mut HashMap<Series, u32>, series: Series, kind: Kind) -> Result<u32, Refused> {
    if let Some(id) = ids.get(&series) {
        return Ok(*id);
    }
    let metric_type = match kind {
        Kind::Counter => MetricType::Counter,
        Kind::Histogram => MetricType::Histogram,
    };
    let id = host::define_metric(metric_type, &series.host_name())?;
    ids.insert(series, id);
    Ok(id)
}
