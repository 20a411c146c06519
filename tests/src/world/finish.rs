//! The end of every run: what is unfinished is finished or given up, quiet comes, nothing is left behind.

use std::time::Duration;

use tchannel_proto::wire::{ChecksumKind, ErrorCode};
use tchannel_proto::{CallId, OpenError};

use super::World;
use crate::model::End;
use crate::scenario::{Ask, Serve, Size, Take};

/// Time for what runs by itself, before anyone is made to finish.
const ALONE: Duration = Duration::from_secs(15);
/// Longer than any deadline, timer or stall of any scenario.
const LONG: Duration = Duration::from_secs(700);

impl World {
    /// Ends the run and judges it.
    pub fn finish(&mut self) {
        self.trace.world(self.now, format_args!("no more steps"));
        self.advance(self.stalled_until.since(self.now));
        self.run_for(ALONE);
        self.finish_callers();
        self.run_for(LONG);
        self.give_up();
        self.run_for(LONG);
        self.check_quiet();
        self.judge();
        self.check_fresh_calls();
        self.check_after_close();
    }

    /// Runs until quiet, or until `time` has passed.
    fn run_for(&mut self, time: Duration) {
        let until = self.now + time;
        if !self.run(until) {
            self.now = until;
            self.settle();
        }
    }

    /// Whoever writes or reads by step finishes.
    fn finish_callers(&mut self) {
        for node in 0..self.nodes.len() {
            for (call, number) in self.waiting(node) {
                for _ in self.calls[number].request.finished..2 {
                    if self.calls[number].by_hand {
                        self.finish_by_hand(number);
                    }
                }
                if matches!(self.calls[number].take, Take::Slow { .. } | Take::ByStep)
                    && self.calls[number].began.is_some()
                {
                    while self.read_part(node, call) {}
                }
                if self.calls[number].take == Take::ByStep {
                    self.calls[number].take = Take::Read;
                }
            }
            self.settle();
        }
    }

    /// What nobody will answer is cancelled, what nobody waits for is rejected.
    fn give_up(&mut self) {
        for node in 0..self.nodes.len() {
            for (call, number) in self.waiting(node) {
                self.trace.node(self.now, node, format_args!("gives up call {number}"));
                self.calls[number].cancelled = true;
                self.nodes[node].machine.cancel(self.now, call, "the run is over");
            }
            self.settle();
        }
        for node in 0..self.nodes.len() {
            let serving: Vec<_> = std::mem::take(&mut self.nodes[node].serving).into_iter().collect();
            for (call, serving) in serving {
                let done =
                    self.nodes[node].machine.reject(self.now, call, ErrorCode::Unexpected, "the run is over");
                if let Some(number) = serving.number.filter(|_| done.is_ok()) {
                    self.calls[number].rejected.push(ErrorCode::Unexpected);
                }
            }
            self.settle();
        }
    }

    /// Law 5 and the tables: nothing is under way, nothing is held.
    fn check_quiet(&self) {
        for (number, node) in self.nodes.iter().enumerate() {
            let trouble = self.troubles[number / 2];
            let machine = node.machine.machine();
            if node.gone {
                continue;
            }
            let next = machine.poll_timeout();
            assert!(
                next.is_none() || trouble.watchful || trouble.hostile,
                "law 5: node {number} waits for {:?} at {next:?}, now is {}",
                machine.timeout_cause(),
                self.now
            );
            let stuck = node.uploads.iter().find(|(_, upload)| upload.blocked && machine.unsent() == 0);
            assert!(stuck.is_none(), "law 5: {stuck:?} was blocked and Writable never came");
            if !trouble.hostile {
                node.machine.quiet();
                let (live, held, unsent) = (machine.live(), machine.held(), machine.unsent());
                assert!(live == (0, 0), "law 4: node {number} still has {live:?} calls at {}", self.now);
                assert!(held == 0, "law 4: node {number} still holds {held} bytes");
                assert!(unsent == 0, "law 4: node {number} still has {unsent} bytes to send");
            }
        }
    }

    fn judge(&self) {
        for call in &self.calls {
            let trouble = self.troubles[call.node / 2];
            let verdict = call.judge(trouble);
            assert!(verdict.is_ok(), "law 2: call {}: {}", call.number, verdict.err().unwrap_or_default());
        }
    }

    /// Connections that nothing happened to still work, both ways.
    fn check_fresh_calls(&mut self) {
        for node in 0..self.nodes.len() {
            let trouble = self.troubles[node / 2];
            if trouble.hostile || trouble.lost || trouble.draining {
                continue;
            }
            let number = self.call(&Ask {
                node,
                sizes: [Size::Bytes(3), Size::Bytes(1_000)],
                timeout: Duration::from_secs(60),
                checksum: ChecksumKind::Crc32c,
                serve: Serve::Echo { after: Duration::ZERO },
                take: Take::Collect,
            });
            self.run_for(Duration::from_secs(50));
            let end = self.calls[number].end.as_ref().map(|(_, end)| end);
            assert!(matches!(end, Some(End::Answered)), "a fresh call from node {node} ends as {end:?}");
        }
    }

    /// Law 10: once closed, a connection says nothing and takes nothing.
    fn check_after_close(&mut self) {
        for node in 0..self.nodes.len() {
            self.trouble(node).lost = true;
            self.nodes[node].machine.close(self.now);
            self.settle();
        }
        self.run_for(LONG);
        for node in 0..self.nodes.len() {
            assert!(self.nodes[node].gone, "law 10: node {node} was closed and is still there");
            self.nodes[node].offer_late(self.now);
            let machine = &mut self.nodes[node].machine;
            machine.timeout(self.now);
            machine.close(self.now);
            assert!(machine.events().is_empty(), "law 10: an event after Closed");
            // The stream may have been shut before the last bytes were asked for.
            let last = (0..10_000).find(|_| machine.transmit(self.now).is_none());
            assert!(last.is_some(), "law 10: bytes without end after Closed");
            let handles: Vec<_> = self.calls.iter().filter(|call| call.node == node).collect();
            for call in handles.into_iter().filter_map(|call| call.handle) {
                let machine = &mut self.nodes[node].machine;
                let gone = machine.read(self.now, call).is_err() && machine.flush(call).is_err();
                assert!(
                    gone && machine.finish_arg(CallId::from(call)).is_err(),
                    "law 10: {call:?} is not gone"
                );
            }
            let ask = Ask {
                node,
                sizes: [Size::Bytes(0); 2],
                timeout: Duration::from_secs(1),
                checksum: ChecksumKind::None,
                serve: Serve::Ignore,
                take: Take::Collect,
            };
            let number = self.call(&ask);
            let end = self.calls[number].end.as_ref().map(|(_, end)| end);
            assert!(
                end == Some(&End::Refused(OpenError::Closed)),
                "law 10: a call after Closed gives {end:?}"
            );
        }
    }
}
