//! What the driver tells about its sockets.

use core::net::SocketAddr;

use bytes::BytesMut;
use tchannel_proto::{Lost, Timestamp, Transmit};

use super::{Channel, ConnKey};
use crate::limits::Refused;
use crate::stats::Connection as Count;

impl Channel {
    /// A peer dialled this side from `from`, and reached it at `to`. An error leaves nothing behind: close the socket.
    pub fn handle_accepted(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        to: SocketAddr,
    ) -> Result<ConnKey, Refused> {
        self.step(now);
        let accepted = self.accept(from, to);
        if accepted.is_err() {
            self.count_connection(Count::AcceptError);
        }
        self.settle();
        accepted
    }

    /// The driver itself has closed a socket that it was to accept, for want of whatever it needs for one.
    pub fn handle_refused(&mut self, now: Timestamp) {
        self.step(now);
        self.count_connection(Count::AcceptError);
        self.settle();
    }

    /// The socket that [`Action::Connect`](super::Action::Connect) asked for is open.
    pub fn handle_connected(&mut self, now: Timestamp, key: ConnKey) {
        self.step(now);
        if let Some(member) = self.members.get_mut(key.0) {
            member.open = true;
        }
        self.touch(key);
        self.settle();
    }

    /// Takes whole frames off the front of `input`, as [`Connection::handle_input`](tchannel_proto::Connection::handle_input)
    /// does. Input of a connection that is over is dropped.
    pub fn handle_input(&mut self, now: Timestamp, key: ConnKey, input: &mut BytesMut) {
        self.step(now);
        self.share(key);
        let now = self.now;
        loop {
            let Some(member) = self.members.get_mut(key.0) else { return input.clear() };
            member.connection.handle_input(now, input);
            let shut = member.connection.wants_input() == 0;
            self.touch(key);
            self.settle();
            // Events may have shut the gate, and be taken by now: nothing else would make the driver offer the rest.
            if !shut || input.is_empty() || self.wants_input(key) == 0 {
                return;
            }
        }
    }

    /// Says that a transport took bytes of a connection's `Transmit`; see
    /// [`Connection::handle_written`](tchannel_proto::Connection::handle_written).
    pub fn handle_written(&mut self, now: Timestamp, key: ConnKey) {
        self.step(now);
        let now = self.now;
        if let Some(member) = self.members.get_mut(key.0) {
            member.connection.handle_written(now);
            self.touch(key);
            self.settle();
        }
    }

    /// Says that a transport takes nothing more for now, with bytes of the last `Transmit` left; see
    /// [`Connection::handle_blocked`](tchannel_proto::Connection::handle_blocked).
    pub fn handle_blocked(&mut self, now: Timestamp, key: ConnKey) {
        self.step(now);
        let now = self.now;
        if let Some(member) = self.members.get_mut(key.0) {
            member.connection.handle_blocked(now);
            self.touch(key);
            self.settle();
        }
    }

    /// Nothing more can be written to a socket: no new calls go over it. What its peer sent may still be read; then comes
    /// [`handle_lost`](Self::handle_lost).
    pub fn handle_broken(&mut self, now: Timestamp, key: ConnKey) {
        self.step(now);
        if let Some(member) = self.members.get_mut(key.0) {
            member.broken = true;
            self.retire(key);
            self.touch(key);
            self.settle();
        }
    }

    /// A socket ended, or could not be opened.
    pub fn handle_lost(&mut self, now: Timestamp, key: ConnKey, why: Lost) {
        self.step(now);
        let now = self.now;
        if let Some(member) = self.members.get_mut(key.0) {
            member.broken = true;
            member.connection.handle_lost(now, why);
            self.touch(key);
            self.settle();
        }
    }

    /// Ends one connection at once: its calls fail with `Network`, and look for other peers where they may.
    pub fn close(&mut self, now: Timestamp, key: ConnKey) {
        self.step(now);
        let now = self.now;
        if let Some(member) = self.members.get_mut(key.0) {
            member.connection.close(now);
            self.touch(key);
            self.settle();
        }
    }

    /// The next bytes for a connection; `None` before its socket is open.
    pub fn poll_transmit(&mut self, now: Timestamp, key: ConnKey) -> Option<Transmit> {
        self.step(now);
        let now = self.now;
        let member = self.members.get_mut(key.0).filter(|member| member.open)?;
        let transmit = member.connection.poll_transmit(now);
        self.touch(key);
        self.settle();
        transmit
    }

    /// 0: do not read this connection; see [`Connection::wants_input`](tchannel_proto::Connection::wants_input).
    pub fn wants_input(&self, key: ConnKey) -> usize {
        self.members.get(key.0).map_or(0, |member| member.connection.wants_input())
    }
}
