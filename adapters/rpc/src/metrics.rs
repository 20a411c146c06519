//! Measurements for the `metrics` facade, and whatever recorder the program has installed.

use metrics::{Key, KeyName, Label, Level, Metadata, SharedString};
use tchannel_mesh::stats::Value;

use crate::Measurement;

/// Hands one measurement to the recorder: durations as histograms in milliseconds, names with the prefix `tchannel.`.
/// For [`Builder::on_measurement`](crate::Builder::on_measurement); [`Builder::metrics`](crate::Builder::metrics) does
/// just that.
pub fn record(measurement: &Measurement) {
    let name = KeyName::from(format!("tchannel.{}", measurement.name));
    let labels: Vec<Label> = measurement
        .tags
        .iter()
        .map(|(name, value)| Label::new(*name, SharedString::from(value.clone().into_owned())))
        .collect();
    let key = Key::from_parts(name, labels);
    metrics::with_recorder(|recorder| match measurement.value {
        Value::Count(count) => recorder.register_counter(&key, &METADATA).increment(count),
        Value::Gauge(level) => recorder.register_gauge(&key, &METADATA).set(as_float(level)),
        Value::Timer(time) => {
            recorder.register_histogram(&key, &METADATA).record(time.as_secs_f64() * 1_000.0);
        }
    });
}

const METADATA: Metadata<'static> = Metadata::new("tchannel", Level::INFO, Some(module_path!()));

/// Exact up to 2^53, which no gauge here reaches.
#[allow(clippy::cast_precision_loss)]
fn as_float(level: u64) -> f64 {
    level as f64
}
