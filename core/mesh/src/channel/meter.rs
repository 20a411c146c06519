//! Measurements: what happens to calls and connections, as typed events.
//!
//! Every call of ours is `sent` once and ends in one of success, app error, system error and operational error, and so
//! does each attempt that its connection took. Every request of a peer's is `recvd` once; it ends in one of success, app
//! error and system error, or in none if its connection is lost first.

mod connections;
mod inbound;
mod outbound;
mod volume;

pub(super) use inbound::Said;
pub(super) use outbound::Ended;
pub(super) use volume::Volume;

use core::time::Duration;

use super::bounded::Bounded;
use super::{Channel, Due};
use crate::stats::{Connection, Labels, Stat};

/// All that is measured and not asked for.
#[derive(Debug, Default)]
pub(super) struct Meter {
    labels: Labels,
    queue: Bounded<Stat, MAX_STATS>,
    /// Connections with their handshake done, now and when it was told.
    active: u64,
    told_active: u64,
    bytes_sent: u64,
    bytes_received: u64,
}

impl Meter {
    fn push(&mut self, stat: Stat) {
        self.queue.push(stat);
    }

    /// What is not told for each change, but once for all: a level, and sums.
    fn summary(&mut self) -> Option<Connection> {
        if self.active != self.told_active {
            self.told_active = self.active;
            return Some(Connection::Active(self.active));
        }
        match (core::mem::take(&mut self.bytes_sent), self.bytes_received) {
            (0, 0) => None,
            (0, received) => {
                self.bytes_received = 0;
                Some(Connection::BytesReceived(received))
            }
            (sent, _) => Some(Connection::BytesSent(sent)),
        }
    }
}

impl Channel {
    /// The next measurement, with [`ChannelConfig::stats`](crate::ChannelConfig::stats); [`labels`](Self::labels) has
    /// the texts for its tags. Its answer may change after any `&mut` call.
    ///
    /// What happened comes in its order; then, if they changed, the number of active connections and the bytes that all
    /// connections together sent and received since they were told last. Ask after each input: beyond 16,384
    /// measurements that wait, new ones are dropped and counted in [`dropped_stats`](Self::dropped_stats).
    ///
    /// The size of a request or response is the length of its arguments, arg1 included, without what frames add; a
    /// request counts once for each attempt. It is told when the call is over, and then for what had passed: what was
    /// written, and what was read.
    ///
    /// With rate limits, rates and limits are told each second while requests come, and once more when none do.
    ///
    /// Not measured here: requests that a connection refused for its own limits or while it drained; accepting that
    /// failed in the driver, unless it says so by [`handle_refused`](Self::handle_refused). Cancels and requests that
    /// could not be read have no labels.
    pub fn poll_stat(&mut self) -> Option<Stat> {
        let meter = self.meter.as_mut()?;
        meter.queue.pop().or_else(|| meter.summary().map(Stat::Connection))
    }

    /// A request came: its rate will be told.
    pub(super) fn watch_rates(&mut self) {
        if !self.tells_rates && self.meter.is_some() && self.guard.limits_rates() {
            self.tells_rates = true;
            self.due.insert((self.now + RATES_TOLD, Due::Rates));
        }
    }

    pub(super) fn tell_rates(&mut self) {
        self.tells_rates = false;
        let Some(meter) = &mut self.meter else { return };
        let (gauges, goes_on) = self.guard.gauges(self.now, &mut meter.labels);
        for gauge in gauges {
            meter.push(gauge);
        }
        if goes_on {
            self.watch_rates();
        }
    }

    /// The texts behind the measurements; `None` if nothing is measured.
    pub fn labels(&self) -> Option<&Labels> {
        self.meter.as_ref().map(|meter| &meter.labels)
    }

    /// Measurements that were dropped because too many waited.
    pub fn dropped_stats(&self) -> u64 {
        self.meter.as_ref().map_or(0, |meter| meter.queue.dropped())
    }
}

/// Rates are those of the last second.
const RATES_TOLD: Duration = Duration::from_secs(1);

/// More than one batch of input, 256 KiB of the shortest frames, sets off.
const MAX_STATS: usize = 16_384;
