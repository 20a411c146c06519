//! The calls, and the connections that carry them.

use std::sync::OnceLock;
use std::time::Duration;

use tchannel_load::{Ended, Outcome};
use tchannel_rpc::{Channel, ErrorCode, Origin, Outbound, Response};

use crate::exit::{Exit, Failure};
use crate::reach::part;

use super::Options;
use super::message::Sent;

pub(super) struct Calls {
    /// One for each connection: a channel has only one to a peer.
    channels: Vec<Channel>,
    each: Vec<Outbound>,
    /// Bytes of the arguments of a request.
    bytes: u64,
    failed: OnceLock<(Exit, String)>,
    answered: OnceLock<()>,
}

impl Calls {
    pub(super) fn new(
        options: &Options,
        peers: &[String],
        connections: usize,
        sent: &Sent,
    ) -> Result<Self, Failure> {
        let mut all = Calls {
            channels: Vec::with_capacity(connections),
            each: Vec::with_capacity(connections),
            bytes: count([&sent.arg2, &sent.arg3]),
            failed: OnceLock::new(),
            answered: OnceLock::new(),
        };
        for peer in peers.iter().cycle().take(connections) {
            let channel = options.reach.channel()?;
            let service = channel.subchannel(&options.service).peers([peer]).build();
            let service = service.map_err(|error| Failure::local(error.to_string()))?;
            let call = options.request.say(service.call(&options.endpoint)).scheme(sent.scheme);
            all.each.push(call.arg2(sent.arg2.clone()).arg3(sent.arg3.clone()));
            all.channels.push(channel);
        }
        Ok(all)
    }

    /// Bytes of the arguments of a request.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes a call, on the caller's connection.
    pub(super) async fn one(&self, caller: usize) -> Ended {
        match self.each[caller % self.each.len()].clone().send().await {
            Ok(answer) => self.answered(&answer),
            Err(error) => {
                let outcome = Outcome::Error(error.code().byte());
                let waits = error.origin() == Origin::Local && error.code() == ErrorCode::Network;
                self.failed.get_or_init(|| (Exit::of(&error), error.to_string()));
                if waits {
                    // Who cannot be reached is not asked a million times.
                    tokio::time::sleep(PAUSE).await;
                }
                outcome.into()
            }
        }
    }

    fn answered(&self, answer: &Response) -> Ended {
        let bytes = self.bytes + count([answer.arg2()]) + count(answer.arg3());
        if answer.ok() {
            self.answered.get_or_init(|| ());
            return Ended { outcome: Outcome::Ok, bytes };
        }
        self.failed.get_or_init(|| (Exit::NotOk, "the answer is not ok".to_owned()));
        Ended { outcome: Outcome::NotOk, bytes }
    }

    /// Closes the connections. Gives what the first failure means, or a failure if nothing was tried.
    pub(super) async fn end(self) -> Result<Exit, Failure> {
        part(&self.channels).await;
        if let Some((exit, words)) = self.failed.into_inner() {
            crate::print::complain(&format!("the first call that failed: {words}"));
            return Ok(exit);
        }
        match self.answered.into_inner() {
            Some(()) => Ok(Exit::Ok),
            None => Err(Failure::local("no call was due in the time")),
        }
    }
}

fn count<'a>(pieces: impl IntoIterator<Item = &'a bytes::Bytes>) -> u64 {
    let bytes: usize = pieces.into_iter().map(bytes::Bytes::len).sum();
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

const PAUSE: Duration = Duration::from_millis(10);
