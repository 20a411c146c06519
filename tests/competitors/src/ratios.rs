//! What a subject needed, as a multiple of what raw TCP needed in the same repetition.

use std::fmt;

use serde_json::{Value, json};

use crate::report::show;

/// One repetition.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    rate: f64,
    p50_us: f64,
    /// Seconds of both processors for a call.
    cpu: f64,
}

impl Sample {
    /// From a client's line; nothing if calls failed.
    pub(crate) fn of(said: &Value) -> Option<Self> {
        let number = |name: &str| said[name].as_f64();
        let (answered, failed) = (number("answered")?, number("failed")?);
        let cpu = number("client_cpu_seconds")? + number("server_cpu_seconds")?;
        let good = answered > 0.0 && failed == 0.0;
        good.then_some(Sample {
            rate: answered / number("seconds")?,
            p50_us: number("p50_us")?,
            cpu: cpu / answered,
        })
    }
}

/// A median and how far repetitions were from it.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Spread { median: values[values.len() / 2], least: values[0], most: values[values.len() - 1] }
    }

    fn document(self) -> Value {
        json!({ "median": self.median, "min": self.least, "max": self.most })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} ({}-{})", show(self.median), show(self.least), show(self.most)))
    }
}

/// Repetitions against those of raw TCP, in pairs.
#[derive(Clone, Copy)]
pub(crate) struct Ratios {
    pub(crate) rate: f64,
    pub(crate) p50_us: f64,
    pub(crate) rate_ratio: Spread,
    pub(crate) p50_ratio: Spread,
    pub(crate) cpu_ratio: Spread,
}

impl Ratios {
    /// Nothing without a sample for each of `raw`.
    pub(crate) fn of(samples: &[Sample], raw: &[Sample]) -> Option<Self> {
        if samples.is_empty() || samples.len() != raw.len() {
            return None;
        }
        let all = |of: fn(&Sample) -> f64| Spread::of(samples.iter().map(of).collect()).median;
        let ratio = |of: fn(&Sample) -> f64| {
            Spread::of(samples.iter().zip(raw).map(|(sample, raw)| of(sample) / of(raw)).collect())
        };
        Some(Ratios {
            rate: all(|sample| sample.rate),
            p50_us: all(|sample| sample.p50_us),
            rate_ratio: ratio(|sample| sample.rate),
            p50_ratio: ratio(|sample| sample.p50_us),
            cpu_ratio: ratio(|sample| sample.cpu),
        })
    }

    pub(crate) fn document(&self) -> Value {
        json!({
            "calls_per_second": self.rate,
            "p50_us": self.p50_us,
            "rate_to_raw": self.rate_ratio.document(),
            "p50_to_raw": self.p50_ratio.document(),
            "cpu_to_raw": self.cpu_ratio.document(),
        })
    }
}
