//! What a call allows, and what comes of it.

use alloc::string::String;
use core::num::NonZeroU32;
use core::time::Duration;

use tchannel_proto::{CallError, Origin, Timestamp};
use tchannel_wire::{ErrorCode, RetryFlags};

use crate::retry::RetryPolicy;

/// What a call allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Longest time of one attempt, its connect included; `None`: until the deadline.
    pub timeout_per_attempt: Option<Duration>,
    /// Attempts in all.
    pub max_attempts: NonZeroU32,
    /// One attempt, whatever `max_attempts` says, and no other peer: the call is streamed or goes to a named peer.
    pub once: bool,
    /// Which failures allow another attempt.
    pub flags: RetryFlags,
    /// How bold retries are.
    pub policy: RetryPolicy,
    /// Ask the application about responses that are not ok.
    pub application_retry: bool,
    /// When every peer was tried, the same ones may be tried again.
    pub allow_same_peer: bool,
}

impl Rules {
    /// Attempts that the call may make.
    pub fn attempts(&self) -> u32 {
        if self.once { 1 } else { self.max_attempts.get() }
    }

    pub(super) fn allow(&self, error: &CallError) -> bool {
        self.policy.allows(self.flags, error)
    }
}

/// One attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// It follows one that failed, and was not begun before: it counts in the stat `retries`.
    pub retry: bool,
    /// Attempts before it.
    pub retry_count: u32,
    /// When it ends unanswered; never later than the call's deadline. The wire ttl is made from it.
    pub deadline: Timestamp,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<R> {
    /// Choose a peer, at once; then `begin`, or `no_peer`. The call starts, or its last peer turned out to drain.
    Choose,
    /// The same, because an attempt failed: a retry.
    TryAgain,
    /// Ask the application about the response in `asking`; then `decided`.
    Ask,
    /// The call is over: this is for the caller. Given once.
    Give(Result<R, CallError>),
}

/// What the application says to a response that is not ok.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another peer may do better.
    Retry,
    /// It is the answer.
    Accept,
    /// The caller gets this error in its place.
    Fail(CallError),
}

impl Verdict {
    /// The caller gets an error with this code and text, found on this side.
    pub fn fail(code: ErrorCode, message: impl Into<String>) -> Self {
        Verdict::Fail(CallError { code, origin: Origin::Local, message: message.into() })
    }
}
