//! A channel whose every step is checked: its calls, each followed by the laws.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tchannel_mesh::peers::Strategy;
use tchannel_mesh::retry::Verdict;
use tchannel_mesh::{
    Action, CallOptions, Channel, ChannelConfig, ConnKey, Event, HostPort, Inbound, ListError, Live,
    OpenError, Party, Refused, Ticket,
};
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, Gone, Lost, Read, Response, Timestamp, Transmit, WriteError};

use super::laws::{Sent, Served, Sockets, Tickets};
use crate::laws::{Habits, law};

/// A channel and what its owner and its driver may expect of it.
pub struct Machine {
    channel: Channel,
    habits: Habits,
    clock: Timestamp,
    tickets: Tickets,
    sockets: Sockets,
    served: Served,
    /// `Drained` came.
    drained: bool,
    /// The same, and everything else had been polled.
    over: bool,
}

/// A call as its owner starts it.
pub struct Start<'a> {
    /// arg1.
    pub endpoint: Bytes,
    /// arg2 and arg3, unless it is streamed.
    pub args: Args,
    /// Everything else.
    pub options: &'a CallOptions,
    /// Made in the style of the request documents, with a sub-channel of this name and these defaults.
    pub subchannel: Option<(&'a str, &'a CallOptions)>,
    /// When it has to be over.
    pub deadline: Timestamp,
}

impl Machine {
    /// A new channel, with the services that `register` makes.
    pub fn new(
        now: Timestamp,
        config: ChannelConfig,
        seed: u64,
        habits: Habits,
        register: impl FnOnce(&mut tchannel_mesh::Services),
    ) -> Self {
        let mut channel = Channel::new(now, config, seed).expect("the name is a good one");
        register(channel.services_mut());
        Machine {
            channel,
            habits,
            clock: now,
            tickets: Tickets::default(),
            sockets: Sockets::default(),
            served: Served::default(),
            drained: false,
            over: false,
        }
    }

    /// The channel, to look at.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Whether `Drained` came.
    pub fn is_drained(&self) -> bool {
        self.drained
    }

    /// `handle_listening`.
    pub fn listening(&mut self, now: Timestamp, at: SocketAddr) {
        let given = self.stamp(now);
        self.channel.handle_listening(given, at);
    }

    /// `handle_accepted`.
    pub fn accepted(&mut self, now: Timestamp, from: SocketAddr, to: SocketAddr) -> Result<ConnKey, Refused> {
        let given = self.stamp(now);
        let key = self.channel.handle_accepted(given, from, to)?;
        self.sockets.accepted(key);
        Ok(key)
    }

    /// `handle_connected`.
    pub fn connected(&mut self, now: Timestamp, key: ConnKey) {
        let given = self.stamp(now);
        self.sockets.connected(key);
        self.channel.handle_connected(given, key);
    }

    /// `handle_input`.
    pub fn input(&mut self, now: Timestamp, key: ConnKey, input: &mut BytesMut) {
        let (given, offered) = (self.stamp(now), input.len());
        self.channel.handle_input(given, key, input);
        law!(1, input.len() <= offered, "input grew from {offered} to {} bytes", input.len());
    }

    /// `handle_written`.
    pub fn written(&mut self, now: Timestamp, key: ConnKey) {
        let given = self.stamp(now);
        self.channel.handle_written(given, key);
    }

    /// `handle_blocked`.
    pub fn blocked(&mut self, now: Timestamp, key: ConnKey) {
        let given = self.stamp(now);
        self.channel.handle_blocked(given, key);
    }

    /// `handle_broken`.
    pub fn broken(&mut self, now: Timestamp, key: ConnKey) {
        let given = self.stamp(now);
        self.channel.handle_broken(given, key);
    }

    /// `handle_lost`.
    pub fn lost(&mut self, now: Timestamp, key: ConnKey, why: Lost) {
        let given = self.stamp(now);
        self.channel.handle_lost(given, key, why);
    }

    /// `close`.
    pub fn hang_up(&mut self, now: Timestamp, key: ConnKey) {
        let given = self.stamp(now);
        self.channel.close(given, key);
    }

    /// `handle_timeout`.
    pub fn timeout(&mut self, now: Timestamp) {
        let given = self.stamp(now);
        let early = self.channel.poll_timeout().is_none_or(|at| at > now);
        let before = self.snapshot();
        self.channel.handle_timeout(given);
        let after = self.snapshot();
        law!(3, !early || before == after, "an early handle_timeout changed {before:?} to {after:?}");
        let next = after.0;
        law!(3, next.is_none_or(|at| at > now), "after handle_timeout({now}) the next timeout is {next:?}");
        if self.habits.twice {
            let given = self.stamp(now);
            self.channel.handle_timeout(given);
            let again = self.snapshot();
            law!(3, after == again, "a second handle_timeout changed {after:?} to {again:?}");
        }
    }

    /// `poll_action`.
    pub fn action(&mut self) -> Option<Action> {
        let action = self.channel.poll_action()?;
        law!(10, !self.over, "an action after Drained: {action:?}");
        self.sockets.action(&action);
        Some(action)
    }

    /// `poll_event`.
    pub fn event(&mut self) -> Option<Event> {
        let event = self.channel.poll_event()?;
        law!(10, !self.over, "an event after Drained: {event:?}");
        self.tickets.event(&event);
        self.served.event(&event);
        self.sockets.event(&event);
        if matches!(event, Event::Drained) {
            law!(10, !self.drained, "Drained twice");
            self.drained = true;
        }
        Some(event)
    }

    /// `poll_ready`.
    pub fn ready(&mut self) -> Option<ConnKey> {
        let key = self.channel.poll_ready()?;
        self.sockets.ready(key);
        Some(key)
    }

    /// `poll_transmit`, and the frames in it.
    pub fn transmit(&mut self, now: Timestamp, key: ConnKey) -> Option<(Transmit, Vec<Sent>)> {
        let given = self.stamp(now);
        let transmit = self.channel.poll_transmit(given, key)?;
        let frames = self.sockets.transmit(key, &transmit);
        law!(4, !frames.is_empty(), "an empty Transmit");
        Some((transmit, frames))
    }

    /// `wants_input`.
    pub fn wants_input(&self, key: ConnKey) -> bool {
        self.channel.wants_input(key) > 0
    }

    /// `call` or `request`, whole or streamed as the options say.
    pub fn start(&mut self, now: Timestamp, start: Start<'_>) -> Result<Ticket, OpenError> {
        let given = self.stamp(now);
        let Start { endpoint, args, options, subchannel, deadline } = start;
        let ticket = match subchannel {
            None => self.channel.call(given, endpoint, args, options),
            Some(subchannel) => self.channel.request(given, subchannel, endpoint, args, options),
        };
        law!(10, ticket.is_err() || !self.drained, "a call was started after Drained");
        if let Ok(ticket) = ticket {
            let streamed = options.streamed == Some(true);
            let asks = options.application_retry == Some(true) && !streamed;
            self.tickets.started(ticket, deadline, streamed, asks);
        }
        ticket
    }

    /// `decide`.
    pub fn decide(&mut self, now: Timestamp, ticket: Ticket, verdict: Verdict) {
        let given = self.stamp(now);
        self.channel.decide(given, ticket, verdict);
    }

    /// `cancel`.
    pub fn cancel(&mut self, now: Timestamp, ticket: Ticket, why: &str) {
        let given = self.stamp(now);
        self.channel.cancel(given, ticket, why);
        self.tickets.cancelled(ticket);
    }

    /// `respond`.
    pub fn respond(&mut self, now: Timestamp, call: Inbound, response: Response) -> Result<(), Gone> {
        let given = self.stamp(now);
        let result = self.channel.respond(given, call, response);
        self.served.answered(call, result, "respond");
        result
    }

    /// `reject`.
    pub fn reject(&mut self, now: Timestamp, call: Inbound, code: ErrorCode, why: &str) -> Result<(), Gone> {
        let given = self.stamp(now);
        let result = self.channel.reject(given, call, code, why);
        self.served.answered(call, result, "reject");
        result
    }

    /// `reply`.
    pub fn reply(&mut self, now: Timestamp, call: Inbound, code: ResponseCode) -> Result<(), Gone> {
        let given = self.stamp(now);
        let result = self.channel.reply(given, call, code);
        self.served.replied(call, result);
        result
    }

    /// `write`.
    pub fn write(&mut self, now: Timestamp, call: Party, bytes: Bytes) -> Result<(), WriteError> {
        let given = self.stamp(now);
        let (at, len) = (bytes.as_ptr(), bytes.len());
        let result = self.channel.write(given, call, bytes);
        if let Err(WriteError::Blocked(back)) = &result {
            law!(4, back.as_ptr() == at && back.len() == len, "Blocked gave other bytes back");
        }
        result
    }

    /// `flush`.
    pub fn flush(&mut self, now: Timestamp, call: Party) -> Result<(), Gone> {
        let given = self.stamp(now);
        self.channel.flush(given, call)
    }

    /// `finish_arg`.
    pub fn finish_arg(&mut self, now: Timestamp, call: Party) -> Result<(), Gone> {
        let given = self.stamp(now);
        let result = self.channel.finish_arg(given, call);
        if let (Party::Theirs(call), Ok(())) = (call, result) {
            self.served.finished_arg(call);
        }
        result
    }

    /// `read`.
    pub fn read(&mut self, now: Timestamp, call: Party) -> Result<Read, Gone> {
        let given = self.stamp(now);
        let read = self.channel.read(given, call);
        if let Party::Ours(ticket) = call {
            self.tickets.read(ticket, &read);
        }
        read
    }

    /// `discard`.
    pub fn discard(&mut self, now: Timestamp, call: Inbound) {
        let given = self.stamp(now);
        self.channel.discard(given, call);
    }

    /// `add_peer`.
    pub fn add_peer(&mut self, now: Timestamp, service: Option<&str>, peer: &HostPort) {
        let given = self.stamp(now);
        self.channel.add_peer(given, service, peer);
    }

    /// `remove_peer`.
    pub fn remove_peer(
        &mut self,
        now: Timestamp,
        service: Option<&str>,
        peer: &HostPort,
    ) -> Result<(), ListError> {
        let given = self.stamp(now);
        self.channel.remove_peer(given, service, peer)
    }

    /// `handle_peer_list`.
    pub fn peer_list(&mut self, now: Timestamp, peers: &[HostPort]) {
        let given = self.stamp(now);
        self.channel.handle_peer_list(given, None, peers);
        let listed: Vec<&HostPort> = self.channel.peers_of(None).collect();
        let same = listed.len() == peers.len() && peers.iter().all(|peer| listed.contains(&peer));
        law!(4, same, "the list is {listed:?}, and should be {peers:?}");
    }

    /// `isolate`.
    pub fn isolate(&mut self, service: &str, strategy: Strategy) {
        self.channel.isolate(service, strategy);
    }

    /// `drain`.
    pub fn drain(&mut self, now: Timestamp, reason: &str, deadline: Timestamp) {
        let given = self.stamp(now);
        self.channel.drain(given, reason, deadline);
    }

    /// `load`.
    pub fn load(&mut self, now: Timestamp, peer: &HostPort) -> Option<u32> {
        let given = self.stamp(now);
        self.channel.load(given, peer)
    }

    /// To be called when everything of `now` is dealt with and nothing is left to poll.
    pub fn in_time(&self, now: Timestamp) {
        self.tickets.in_time(now);
    }

    /// The same, for a channel that was called since.
    pub fn settled(&mut self) {
        if self.habits.rests {
            self.channel.rest(self.clock, Duration::ZERO);
        }
        let Live { ours, theirs, connections, peers } = self.channel.live();
        self.tickets.settled(ours);
        self.served.settled(theirs);
        self.sockets.settled(&self.channel);
        let most = self.channel.config().limits.max_incoming_total.get();
        law!(4, theirs <= most, "{theirs} calls of peers are live, the limit is {most}");
        if let Some(most) = self.channel.config().limits.max_pending {
            law!(4, ours <= most.get(), "{ours} own calls are live, the limit is {most}");
        }
        let listed: usize = [None, Some("own")].iter().map(|list| self.channel.peers_of(*list).count()).sum();
        let most = listed + 2 * connections + ours;
        law!(
            4,
            peers <= most,
            "{peers} peers are known, for {listed} listed, {connections} connections, {ours} calls"
        );
        if self.drained {
            let empty = (ours, theirs, connections) == (0, 0, 0);
            law!(10, empty, "{ours} own calls, {theirs} of peers, {connections} connections after Drained");
            let timeout = self.channel.poll_timeout();
            law!(10, timeout.is_none(), "a timeout at {timeout:?} after Drained");
            self.over = true;
        }
    }

    /// The moment to give to the channel for `now`.
    fn stamp(&mut self, now: Timestamp) -> Timestamp {
        if self.habits.backwards && self.clock >= now {
            return Timestamp::from_nanos(now.as_nanos().saturating_sub(1_000_000_000));
        }
        self.clock = self.clock.max(now);
        now
    }

    /// What can be seen of a channel without touching it.
    fn snapshot(&self) -> (Option<Timestamp>, Live) {
        (self.channel.poll_timeout(), self.channel.live())
    }
}
