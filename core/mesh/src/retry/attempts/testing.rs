//! Calls for tests: 1 s from 0, three attempts.

use alloc::string::ToString;
use core::num::NonZeroU32;

use tchannel_proto::{CallError, Origin, Timestamp};
use tchannel_wire::{ErrorCode, RetryFlags};

use super::{Attempts, Rules, Step};
use crate::NotSent;
use crate::peers::PeerKey;
use crate::retry::{Budget, RetryPolicy};

pub(super) const BUDGET_MS: u64 = 1_000;

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn peer(n: u32) -> PeerKey {
    PeerKey::new(n)
}

pub(super) fn error(code: ErrorCode, origin: Origin) -> CallError {
    CallError { code, origin, message: code.to_string() }
}

pub(super) fn busy() -> CallError {
    error(ErrorCode::Busy, Origin::Remote)
}

pub(super) fn network() -> CallError {
    error(ErrorCode::Network, Origin::Local)
}

pub(super) fn drained() -> CallError {
    NotSent::Connection(tchannel_proto::OpenError::Draining).into()
}

pub(super) fn timeout() -> CallError {
    error(ErrorCode::Timeout, Origin::Local)
}

pub(super) fn nobody() -> NotSent {
    NotSent::NoPeer { service: "moe".into() }
}

pub(super) fn rules() -> Rules {
    Rules {
        timeout_per_attempt: None,
        max_attempts: NonZeroU32::new(3).expect("not 0"),
        once: false,
        flags: RetryFlags::default(),
        policy: RetryPolicy::Documented,
        application_retry: false,
        allow_same_peer: false,
    }
}

/// A call that waits for a peer, with its budget. Responses are texts.
pub(super) fn chosen(rules: Rules) -> (Attempts<&'static str>, Budget) {
    let mut budget = Budget::default();
    let mut call = Attempts::new(at(0), at(BUDGET_MS), rules);
    assert_eq!(call.start(at(0), &mut budget), Some(Step::Choose));
    (call, budget)
}

/// A call whose first attempt is at peer 1.
pub(super) fn in_flight(rules: Rules) -> (Attempts<&'static str>, Budget) {
    let (mut call, mut budget) = chosen(rules);
    assert!(call.begin(at(0), peer(1), true, &mut budget).is_some());
    (call, budget)
}

pub(super) fn asked() -> Rules {
    Rules { application_retry: true, ..rules() }
}
