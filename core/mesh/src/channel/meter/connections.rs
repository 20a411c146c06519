//! Connections.

use tchannel_proto::{CloseReason, Stats};

use super::Meter;
use crate::channel::connections::Member;
use crate::channel::{Channel, ConnKey};
use crate::peers::Side;
use crate::stats::{Closed, Connection, ConnectionError, Inbound, LabelKey, Stat};

impl Channel {
    pub(in crate::channel) fn count_connection(&mut self, what: Connection) {
        if let Some(meter) = &mut self.meter {
            meter.push(Stat::Connection(what));
        }
    }

    /// A handshake is done.
    pub(in crate::channel) fn count_active(&mut self) {
        if let Some(meter) = &mut self.meter {
            meter.active += 1;
        }
    }

    /// A connection is over. One that was dialled in vain is a connect error, and nothing else.
    pub(in crate::channel) fn count_closed(&mut self, key: ConnKey, reason: &CloseReason) {
        let Some(meter) = &mut self.meter else { return };
        let Some(member) = self.members.get(key.0) else { return };
        let ours = Closed::of(reason) == Closed::AppInitiated;
        let closed = if ours && member.life.idle { Closed::IdleTimeout } else { Closed::of(reason) };
        if member.ready_at.is_some() {
            meter.active -= 1;
        } else if member.side == Side::Out && !ours {
            return meter.push(Stat::Connection(Connection::ConnectError));
        }
        if let Some(error) = ConnectionError::of(reason) {
            meter.push(Stat::Connection(Connection::Error(error)));
        }
        meter.push(Stat::Connection(Connection::Closed(closed)));
    }
}

impl Meter {
    /// Takes in what a connection has counted since it was looked at last.
    pub(in crate::channel) fn take_in(&mut self, member: &mut Member) {
        let now = *member.connection.stats();
        let before = core::mem::replace(&mut member.counted, now);
        self.bytes_sent += now.bytes_sent - before.bytes_sent;
        self.bytes_received += now.bytes_received - before.bytes_received;
        let since = |count: fn(&Stats) -> u64| count(&now) - count(&before);
        for (count, what) in [
            (since(|stats| stats.bad_calls), Inbound::ProtocolError),
            (since(|stats| stats.cancels_requested), Inbound::CancelRequested),
            (since(|stats| stats.cancels_honored), Inbound::CancelHonored),
        ] {
            for _ in 0..count {
                self.push(Stat::Inbound { labels: LabelKey::NONE, what });
            }
        }
    }
}
