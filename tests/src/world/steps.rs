//! Scenario steps, applied.

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Arg, WriteError};

use super::World;
use crate::pattern;
use crate::scenario::{Act, Step};

impl World {
    /// Does one step, and all that follows from it at once.
    pub fn apply(&mut self, step: &Step) {
        if let Step::Connect(wiring) = step {
            self.connect(wiring);
            return self.settle();
        }
        if self.nodes.is_empty() {
            return;
        }
        let at = |node: usize| node % self.nodes.len();
        match step {
            Step::Connect(_) => {}
            Step::Call(ask) => drop(self.call(ask)),
            Step::Open { ask, piece, flush } => drop(self.open(ask, *piece, *flush)),
            Step::Advance { time } => self.advance(*time),
            Step::Drain { node, within } => {
                let (node, until) = (at(*node), self.now + *within);
                self.trace.node(self.now, node, format_args!("drains until {until}"));
                self.trouble(node).draining = true;
                self.trouble(node).lost = true;
                self.nodes[node].drains = true;
                self.nodes[node].machine.drain(self.now, "restart", until);
            }
            Step::Close { node } => {
                let node = at(*node);
                self.trace.node(self.now, node, format_args!("closes"));
                self.trouble(node).lost = true;
                self.nodes[node].machine.close(self.now);
            }
            Step::Cut { node } => {
                let node = at(*node);
                self.trace.node(self.now, node, format_args!("has its link cut"));
                self.trouble(node).lost = true;
                self.pipes[node].cut();
                self.pipes[Self::peer(node)].cut();
            }
            Step::HalfClose { node } => {
                let node = at(*node);
                self.trace.node(self.now, node, format_args!("sends no more"));
                self.trouble(node).lost = true;
                self.pipes[node].finish();
            }
            Step::Stall { node, time } => {
                let (node, until) = (at(*node), self.now + *time);
                self.trace.node(self.now, node, format_args!("is not heard until {until}"));
                self.trouble(node).slow = true;
                self.stalled_until = self.stalled_until.max(until);
                self.pipes[node].stall(self.now, until);
            }
            Step::Inject { node, bytes, aligned } => {
                let node = at(*node);
                let digest = pattern::digest(bytes);
                self.trace.node(
                    self.now,
                    node,
                    format_args!("meets {} hostile bytes #{digest:x}", bytes.len()),
                );
                self.trouble(node).hostile = true;
                if *aligned {
                    self.nodes[Self::peer(node)].forged.push_back(bytes.clone());
                } else {
                    self.pipes[Self::peer(node)].force(self.now, bytes.clone());
                }
            }
            Step::On { call, act } => {
                if !self.calls.is_empty() {
                    self.act_on_call(call % self.calls.len(), *act);
                }
            }
        }
        self.settle();
    }

    fn act_on_call(&mut self, number: usize, act: Act) {
        let (now, node, by_hand) = (self.now, self.calls[number].node, self.calls[number].by_hand);
        let Some(call) = self.calls[number].handle else { return };
        match act {
            Act::Write { len } if by_hand => self.write_by_hand(number, len),
            Act::Flush if by_hand => {
                let done = self.nodes[node].machine.flush(call);
                self.trace.node(now, node, format_args!("flushes call {number}: {done:?}"));
            }
            Act::FinishArg if by_hand => self.finish_by_hand(number),
            Act::Write { .. } | Act::Flush | Act::FinishArg => {}
            Act::Read { parts } => {
                let begun = self.calls[number].began.is_some();
                let _ = begun && (0..parts).all(|_| self.read_part(node, call));
            }
            Act::Collect => {
                let done = self.nodes[node].machine.collect(call);
                self.trace.node(now, node, format_args!("collects call {number}: {done:?}"));
            }
            Act::Cancel => {
                self.trace.node(now, node, format_args!("cancels call {number}"));
                self.calls[number].cancelled = true;
                self.nodes[node].machine.cancel(now, call, "a step said so");
            }
            Act::DropReader => {
                let peer = Self::peer(node);
                let mut serving = self.nodes[peer].serving.values_mut();
                if let Some(serving) = serving.find(|serving| serving.number == Some(number)) {
                    serving.ignore();
                    self.trace.node(now, peer, format_args!("stops reading call {number}"));
                    self.trouble(node).slow = true;
                }
            }
            Act::Reject { code } => self.reject_by_step(Self::peer(node), number, code),
        }
    }

    fn reject_by_step(&mut self, node: usize, number: usize, code: ErrorCode) {
        let entry = &mut self.nodes[node];
        let served = entry.serving.iter().find(|(_, serving)| serving.number == Some(number));
        let Some((call, _)) = served else { return };
        let call = *call;
        let done = entry.machine.reject(self.now, call, code, "a step said so");
        self.trace.node(self.now, node, format_args!("rejects call {number} with {code:?}: {done:?}"));
        if done.is_ok() {
            self.calls[number].rejected.push(code);
            entry.uploads.remove(&call.into());
            entry.serving.remove(&call);
        }
    }

    fn write_by_hand(&mut self, number: usize, len: usize) {
        let record = &mut self.calls[number];
        let (now, node) = (self.now, record.node);
        let (Some(call), flow) = (record.handle, &mut record.request) else { return };
        let at = flow.finished.min(1);
        let bytes = pattern::bytes(flow.salts[at], flow.lens[at], len);
        let finished = flow.finished == 2;
        let done = self.nodes[node].machine.write(call, bytes);
        let arg = if at == 0 { Arg::Two } else { Arg::Three };
        let how = match &done {
            Ok(()) => "",
            Err(WriteError::Blocked(_)) => ": blocked",
            Err(WriteError::Gone(_)) => ": gone",
        };
        self.trace.node(now, node, format_args!("writes {len} bytes to {arg:?} of call {number}{how}"));
        assert!(done.is_err() || !finished, "call {number} took bytes after its last argument");
        if done.is_ok() {
            flow.lens[at] += len;
        }
    }

    pub(super) fn finish_by_hand(&mut self, number: usize) {
        let record = &mut self.calls[number];
        let (Some(call), node) = (record.handle, record.node) else { return };
        let done = self.nodes[node].machine.finish_arg(call);
        self.trace.node(self.now, node, format_args!("finishes an argument of call {number}: {done:?}"));
        if done.is_ok() {
            record.request.finished += 1;
        }
    }
}
