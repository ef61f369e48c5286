//! The ids under which Envoy knows our metrics, asked for once each.

use std::cell::RefCell;
use std::collections::HashMap;

use tollgate_gateway::effect::{Sample, Series};
use tollgate_gateway::telemetry::Kind;

use crate::host::{self, MetricType};

/// The metrics of one root context. There are as many as the configuration has names, so nothing bounds them further.
#[derive(Debug, Default)]
pub struct Telemetry {
    ids: RefCell<HashMap<Series, u32>>,
}

impl Telemetry {
    /// Adds `sample` to its metric.
    pub fn record(&self, sample: Sample) {
        let Sample { series, amount } = sample;
        let kind = series.metric.kind();
        let mut ids = self.ids.borrow_mut();
        let id = match ids.get(&series) {
            Some(id) => *id,
            None => {
                let metric_type = match kind {
                    Kind::Counter => MetricType::Counter,
                    Kind::Histogram => MetricType::Histogram,
                };
                let Ok(id) = host::define_metric(metric_type, &series.host_name()) else { return };
                ids.insert(series, id);
                id
            }
        };
        match kind {
            Kind::Counter => host::count(id, amount),
            Kind::Histogram => host::record(id, amount),
        }
    }
}
