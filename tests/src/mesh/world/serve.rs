//! The side that serves calls: handlers, as each call and the mood of the node say.

use std::collections::VecDeque;
use std::time::Duration;

use tchannel_mesh::Inbound;
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, RequestHead, Response};

use super::{Task, World};
use crate::mesh::laws::NUMBER;
use crate::mesh::model::{Handled, Parent, Said};
use crate::mesh::node::Serving;
use crate::mesh::scenario::{Ask, Mood, Serve};
use crate::model::Flow;

impl Serve {
    /// What becomes of it in a node of this mood.
    fn in_mood(self, mood: Mood) -> Self {
        match mood {
            Mood::Well => self,
            Mood::Hangs => Serve::Ignore,
            Mood::Refuses(code) => Serve::Refuse { code, after: Duration::ZERO },
            Mood::NotOk => Serve::NotOk { after: Duration::ZERO },
            Mood::Slow(late) => match self {
                Serve::Echo { after } => Serve::Echo { after: after + late },
                Serve::NotOk { after } => Serve::NotOk { after: after + late },
                Serve::Refuse { code, after } => Serve::Refuse { code, after: after + late },
                Serve::Regret { code, after } => Serve::Regret { code, after: after + late },
                Serve::Ignore => Serve::Ignore,
            },
        }
    }

    fn after(self) -> Option<Duration> {
        match self {
            Serve::Echo { after }
            | Serve::NotOk { after }
            | Serve::Refuse { after, .. }
            | Serve::Regret { after, .. } => Some(after),
            Serve::Ignore => None,
        }
    }
}

impl World {
    /// A request begins.
    pub(super) fn requested(&mut self, node: usize, call: Inbound, head: &RequestHead, args: Option<Args>) {
        let number = head.headers().get(NUMBER).and_then(|number| number.parse::<usize>().ok());
        let number = number.filter(|number| *number < self.calls.len());
        let plain = Serve::Echo { after: Duration::ZERO };
        let serve = number.map_or(plain, |at| self.calls[at].ask.serve).in_mood(self.nodes[node].mood);
        self.trace.node(
            self.now,
            node,
            format_args!("request {} is call {number:?}: {serve:?}, whole: {}", call.index(), args.is_some()),
        );
        let of = number.map(|number| {
            self.calls[number].handled.push(Handled { node, said: None });
            (number, self.calls[number].handled.len() - 1)
        });
        let mut serving = Serving {
            of,
            serve,
            tracing: head.tracing,
            deadline: head.deadline,
            flow: Flow::new(4 * number.unwrap_or(0)),
            args: None,
            reading: false,
            read: args.is_some(),
            queue: VecDeque::new(),
            finished: 0,
            child: None,
        };
        if let Some(args) = args {
            let read = serving.flow.read_whole(&args);
            let known = of.is_some() && !self.trouble.hostile;
            assert!(read.is_ok() || !known, "law 8: request {number:?}: {read:?}");
            if let Some(number) = number.filter(|_| known) {
                let (read, sent) = (serving.flow.lens, self.calls[number].request.lens);
                assert!(read == sent, "law 8: request {number}: {read:?} bytes of {sent:?}");
            }
            serving.args = Some(args);
        }
        let now = self.now;
        self.on(node, |process| match serve {
            // Gone: an Abandoned event is on its way.
            Serve::Regret { .. } => drop(process.machine.reply(now, call, ResponseCode::OK).ok()),
            Serve::Refuse { .. } => process.machine.discard(now, call),
            Serve::Echo { .. } | Serve::NotOk { .. } | Serve::Ignore => {}
        });
        self.on(node, |process| process.serving.insert(call, serving));
        if let Some(after) = serve.after() {
            let life = self.nodes[node].life;
            self.plan(now + after, Task::Answer { node, life, call });
        }
    }

    /// The handler's time has come. Gone everywhere: an Abandoned event is on its way, or was here.
    pub(super) fn answer(&mut self, node: usize, call: Inbound) {
        if self.ask_first(node, call) {
            return;
        }
        let Some(Some((serve, of, args))) = self.on(node, |process| {
            let serving = process.serving.get_mut(&call)?;
            Some((serving.serve, serving.of, serving.args.take()))
        }) else {
            return;
        };
        match (serve, args) {
            (Serve::Echo { .. }, Some(args)) => self.respond(node, call, of, ResponseCode::OK, args),
            (Serve::NotOk { .. }, Some(args)) => self.respond(node, call, of, ResponseCode::NOT_OK, args),
            (Serve::Echo { .. }, None) => self.relay(node, call, of, ResponseCode::OK),
            (Serve::NotOk { .. }, None) => self.relay(node, call, of, ResponseCode::NOT_OK),
            (Serve::Refuse { code, .. } | Serve::Regret { code, .. }, _) => {
                self.reject(node, call, of, code);
            }
            (Serve::Ignore, _) => {}
        }
    }

    /// Makes the call that comes before the answer; says whether that is to be waited for.
    fn ask_first(&mut self, node: usize, call: Inbound) -> bool {
        let Some(serving) = self.nodes[node].process.as_ref().and_then(|process| process.serving.get(&call))
        else {
            return true;
        };
        let Some((number, _)) = serving.of.filter(|_| serving.child.is_none() && serving.args.is_some())
        else {
            return false;
        };
        let ask = self.calls[number].ask;
        let Some(hops) = ask.hops.checked_sub(1) else { return false };
        let (parent, deadline) = (Parent { number, tracing: serving.tracing }, serving.deadline);
        let child = Ask { node, hops, direct: None, over: None, ..ask };
        let Some(child) = self.call_for(&child, Some((parent, deadline))) else { return false };
        self.on(node, |process| {
            if let Some(serving) = process.serving.get_mut(&call) {
                serving.child = Some(child);
            }
        });
        // One that never began, or is over already, is not waited for.
        self.calls[child].end.is_none()
    }

    /// A handler hears what became of the call that it made.
    pub(super) fn child_ended(&mut self, node: usize, child: usize, said: Said) {
        let Some(process) = self.nodes[node].process.as_ref() else { return };
        let waits = process.serving.iter().find(|(_, serving)| serving.child == Some(child));
        let Some((call, of)) = waits.map(|(call, serving)| (*call, serving.of)) else { return };
        match said {
            Said::Answer(_) => self.answer(node, call),
            Said::Error(code) => self.reject(node, call, of, code),
        }
    }

    fn respond(
        &mut self,
        node: usize,
        call: Inbound,
        of: Option<(usize, usize)>,
        code: ResponseCode,
        args: Args,
    ) {
        let now = self.now;
        let response = Response { code, args };
        let done = self.on(node, |process| {
            process.serving.remove(&call);
            process.machine.respond(now, call, response)
        });
        self.trace.node(now, node, format_args!("responds {} with {code:?}: {done:?}", call.index()));
        if done == Some(Ok(())) {
            self.say(of, Said::Answer(code));
        }
    }

    pub(super) fn reject(&mut self, node: usize, call: Inbound, of: Option<(usize, usize)>, code: ErrorCode) {
        let now = self.now;
        let done = self.on(node, |process| {
            process.serving.remove(&call);
            process.uploads.remove(&call.into());
            process.machine.reject(now, call, code, "as planned")
        });
        self.trace.node(now, node, format_args!("rejects {} with {code}: {done:?}", call.index()));
        if done == Some(Ok(())) {
            self.say(of, Said::Error(code));
        }
    }

    /// Notes what a handler said.
    pub(super) fn say(&mut self, of: Option<(usize, usize)>, said: Said) {
        if let Some((number, at)) = of {
            self.calls[number].handled[at].said = Some(said);
        }
    }
}
