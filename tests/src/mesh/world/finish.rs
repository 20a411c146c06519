//! The end of every run: what is unfinished is given up, quiet comes, everything still works, nothing is left behind.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::BytesMut;
use tchannel_proto::Lost;
use tchannel_proto::wire::ErrorCode;

use super::World;
use crate::mesh::model::End;
use crate::mesh::network::host_port;
use crate::mesh::scenario::{Ask, Door, Mood, Service, Who};

/// Time for what runs by itself, before anyone is made to finish.
const ALONE: Duration = Duration::from_secs(15);
/// Longer than any deadline, timer or stall of any scenario.
const LONG: Duration = Duration::from_secs(140);

impl World {
    /// Ends the run and judges it.
    pub fn end(&mut self) {
        self.trace.world(self.now, format_args!("no more steps"));
        self.run_for(ALONE);
        for number in 0..self.calls.len() {
            self.finish(number);
        }
        self.run_for(LONG);
        self.give_up();
        self.run_for(LONG);
        self.check_quiet();
        self.judge();
        self.heal();
        self.run_for(LONG);
        self.check_fresh_calls();
        self.check_drains();
        self.check_names_of_the_past();
    }

    fn run_for(&mut self, time: Duration) {
        let until = self.now + time;
        if !self.run(until) {
            self.now = until;
            self.settle();
        }
    }

    /// What nobody will answer is cancelled, what nobody waits for is rejected.
    fn give_up(&mut self) {
        for number in 0..self.calls.len() {
            self.cancel(number, "the run is over");
        }
        self.settle();
        for node in 0..self.nodes.len() {
            let Some(process) = self.nodes[node].process.as_ref() else { continue };
            let serving: Vec<_> = process.serving.iter().map(|(call, serving)| (*call, serving.of)).collect();
            for (call, of) in serving {
                self.reject(node, call, of, ErrorCode::Unexpected);
            }
        }
        self.settle();
    }

    /// Laws 4 and 5: nothing is under way, no peer has a load, nobody waits to read.
    fn check_quiet(&mut self) {
        // Answers of busy peers weigh for a while.
        self.now = self.now + Duration::from_secs(6);
        self.settle();
        let hosts: Vec<_> = (0..self.nodes.len())
            .flat_map(|node| [false, true].map(|by_name| host_port(node, by_name)))
            .collect();
        for (number, node) in self.nodes.iter_mut().enumerate() {
            let Some(process) = &mut node.process else { continue };
            let live = process.machine.channel().live();
            assert!((live.ours, live.theirs) == (0, 0), "law 4: node {number} still has {live:?}");
            for host in &hosts {
                let load = process.machine.load(self.now, host);
                assert!(load.unwrap_or(0) == 0, "law 4: node {number} has a load of {load:?} for {host}");
            }
            let next = process.machine.channel().poll_timeout();
            assert!(
                next.is_none() || self.trouble.watchful,
                "law 5: node {number} waits for {next:?}, now is {}",
                self.now
            );
        }
        for stream in self.network.streams.values() {
            for end in stream.ends.iter().filter(|end| end.refused && !end.shut) {
                let alive = self.is_alive(end.node, end.life);
                assert!(!alive, "law 5: node {} never reads on, {} bytes wait", end.node, end.inbox.len());
            }
        }
    }

    fn judge(&self) {
        for call in &self.calls {
            let verdict = call.judge(self.trouble);
            assert!(verdict.is_ok(), "law 2: call {}: {}", call.number, verdict.err().unwrap_or_default());
        }
    }

    /// Everybody is well again.
    fn heal(&mut self) {
        for node in 0..self.nodes.len() {
            (self.nodes[node].mood, self.nodes[node].door) = (Mood::Well, Door::Open);
            self.restart(node);
        }
        if self.trouble.lossy {
            for id in self.network.which(|_| true) {
                self.reset(id);
            }
        }
    }

    /// Whoever has peers reaches one, and every node can be reached.
    fn check_fresh_calls(&mut self) {
        for node in 0..self.nodes.len() {
            let channel = self.nodes[node].process.as_ref().map(|process| process.machine.channel());
            let Some(channel) = channel.filter(|channel| !channel.is_draining()) else { continue };
            let listed = channel.peers_of(None).next().is_some();
            let next = Who { node: node + 1, by_name: false };
            let direct = (!listed).then_some(next);
            let timeout = Duration::from_secs(60);
            let Some(number) = self.call(&Ask { node, timeout, direct, ..Ask::default() }) else { continue };
            self.run_for(timeout);
            let end = self.calls[number].end.as_ref().map(|(_, end)| end);
            let answered = matches!(end, Some(End::Answered));
            // A limit, or what an injected frame left behind, may still be in the way.
            let excused = self.trouble.tight || self.trouble.hostile;
            assert!(answered || excused, "law 2: a fresh call of node {node} ends as {end:?}");
        }
    }

    /// Law 10: every channel drains to nothing, and says nothing more.
    fn check_drains(&mut self) {
        for node in 0..self.nodes.len() {
            self.drain(node, Duration::from_secs(5));
            self.settle();
        }
        self.run_for(LONG);
        for (number, node) in self.nodes.iter().enumerate() {
            let Some(process) = &node.process else { continue };
            let live = process.machine.channel().live();
            assert!(process.machine.is_drained(), "law 10: node {number} never drained: {live:?}");
            let channel = process.machine.channel();
            let lists = [None, Some(Service::Own.name())];
            let listed: BTreeSet<_> = lists.iter().flat_map(|list| channel.peers_of(*list)).collect();
            let known = live.peers;
            assert!(known == listed.len(), "law 4: node {number} knows {known} peers, listed are {listed:?}");
        }
        let left = self.network.streams.len();
        assert!(left == 0, "law 10: {left} streams are left");
    }

    /// Law 10: the names of what is over mean nothing any more.
    fn check_names_of_the_past(&mut self) {
        let (now, tickets) = (self.now, self.calls.iter().filter_map(|call| Some((call.node, call.ticket?))));
        let tickets: Vec<_> = tickets.collect();
        for node in 0..self.nodes.len() {
            let known = tickets.iter().filter(|(of, _)| *of == node);
            self.on(node, |process| {
                for key in std::mem::take(&mut process.past) {
                    let mut input = BytesMut::from(&[0; 40][..]);
                    process.machine.connected(now, key);
                    process.machine.input(now, key, &mut input);
                    process.machine.lost(now, key, Lost::Reset);
                    process.machine.hang_up(now, key);
                    process.machine.written(now, key);
                    process.machine.blocked(now, key);
                    assert!(process.machine.transmit(now, key).is_none(), "law 10: bytes for {key:?}");
                    assert!(!process.machine.wants_input(key), "law 10: {key:?} wants input");
                }
                for (_, ticket) in known {
                    let machine = &mut process.machine;
                    machine.cancel(now, *ticket, "too late");
                    assert!(machine.read(now, (*ticket).into()).is_err(), "law 10: {ticket:?} can be read");
                }
            });
        }
        self.settle();
    }
}
