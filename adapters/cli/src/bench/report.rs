//! The result, for people and for programs.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tchannel_load::{Load, Measured};
use tchannel_rpc::ErrorCode;

use crate::duration::short;

use super::{Options, plot};

pub(super) struct Report<'a> {
    pub(super) options: &'a Options,
    pub(super) peers: &'a [String],
    pub(super) connections: usize,
    pub(super) load: Load,
    /// Bytes of the arguments of a request.
    pub(super) bytes: u64,
    pub(super) measured: Measured,
}

impl Report<'_> {
    pub(super) fn title(&self) -> String {
        let Report { options, peers, connections, load, bytes, .. } = self;
        let peers = peers.join(", ");
        let pace = load.pace.map(|pace| format!("{pace} calls due in a second, ")).unwrap_or_default();
        format!(
            "{}::{} at {peers}: {bytes} bytes, {pace}at most {} at once over {connections} {}",
            options.service,
            options.endpoint,
            load.in_flight,
            if *connections == 1 { "connection" } else { "connections" },
        )
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let measured = &self.measured;
        let mut lines = vec![
            self.title(),
            format!("  calls    {} ok in {:.2?}", measured.ok, measured.took),
            format!("  rate     {:.1} calls/s, {:.2} MiB/s", measured.rate(), measured.throughput() / MIB),
        ];
        let failed: Vec<String> = self.failures().map(|(name, count)| format!("{count} {name}")).collect();
        if !failed.is_empty() {
            lines.push(format!("  failed   {}", failed.join(", ")));
        }
        if measured.answered() > 0 {
            let times = self.times().map(|(name, took)| format!("{name} {}", short(took)));
            lines.push(format!("  latency  {}", times.collect::<Vec<_>>().join("  ")));
            lines.push(String::new());
            lines.extend(plot::lines(measured).into_iter().map(|line| format!("  {line}")));
        }
        lines
    }

    pub(super) fn json(&self) -> Value {
        let Report { options, peers, connections, load, bytes, measured } = self;
        let micros = |took: Duration| took.as_secs_f64() * 1e6;
        let latency: Map<String, Value> =
            self.times().map(|(name, took)| (name.to_owned(), micros(took).into())).collect();
        let errors: Map<String, Value> =
            measured.errors.iter().map(|(code, count)| (word(*code), (*count).into())).collect();
        let each = measured.cpu.client.map(|cpu| micros(cpu) / float(measured.answered().max(1)));
        json!({
            "service": options.service,
            "endpoint": options.endpoint,
            "peers": peers,
            "connections": connections,
            "concurrency": load.in_flight,
            "due_per_second": load.pace,
            "bytes": bytes,
            "ok": measured.ok,
            "not_ok": measured.not_ok,
            "failed": measured.unanswered(),
            "errors": errors,
            "seconds": measured.took.as_secs_f64(),
            "calls_per_second": measured.rate(),
            "mib_per_second": measured.throughput() / MIB,
            "latency_us": (measured.answered() > 0).then_some(latency),
            "cpu_us_per_call": each,
        })
    }

    fn times(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        let measured = &self.measured;
        let named = [("p50", 50.0), ("p90", 90.0), ("p99", 99.0), ("p99.9", 99.9)];
        let named = named.map(|(name, percent)| (name, measured.percentile(percent)));
        named.into_iter().chain([("max", measured.longest())])
    }

    fn failures(&self) -> impl Iterator<Item = (String, u64)> {
        let errors = self.measured.errors.iter().map(|(code, count)| (word(*code), *count));
        let not_ok = (self.measured.not_ok > 0).then(|| ("not ok".to_owned(), self.measured.not_ok));
        not_ok.into_iter().chain(errors)
    }
}

fn word(code: u8) -> String {
    ErrorCode::from_byte(code).to_string()
}

#[allow(clippy::cast_precision_loss, reason = "fifteen digits are enough for a ratio")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

const MIB: f64 = 1_048_576.0;
