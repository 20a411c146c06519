use alloc::string::ToString;

use tchannel_proto::{CallError, Origin};
use tchannel_wire::ErrorCode;

use super::*;
use crate::NotSent;

fn admission(pending: usize, for_service: usize) -> Admission {
    Admission::new(Limits {
        max_pending: NonZeroUsize::new(pending),
        max_pending_for_service: NonZeroUsize::new(for_service),
        ..Limits::default()
    })
}

#[test]
fn defaults_are_those_of_the_table() {
    let limits = Limits::default();
    assert_eq!((limits.max_pending, limits.max_pending_for_service), (None, None));
    assert_eq!((limits.max_connections_accepted.get(), limits.max_connections_per_peer.get()), (10_000, 4));
    assert_eq!((limits.max_connections_per_address, limits.max_handshakes.get()), (None, 1_000));
}

#[test]
fn max_pending() {
    let mut admission = admission(2, 0);
    assert_eq!((admission.begin(|| "a"), admission.begin(|| "b")), (Ok(()), Ok(())));
    let refused = admission.begin(|| "c").expect_err("two are in flight");
    assert!(refused.to_string().starts_with("max-pending: 2 calls"), "{refused}");
    admission.ended(|| "a");
    assert_eq!(admission.begin(|| "c"), Ok(()));
    assert_eq!(admission.pending(), 2);
}

#[test]
fn max_pending_for_service() {
    let mut admission = admission(0, 1);
    assert_eq!((admission.begin(|| "a"), admission.begin(|| "b")), (Ok(()), Ok(())));
    let refused = admission.begin(|| "a").expect_err("one is in flight");
    assert!(refused.to_string().starts_with("max-pending-for-service: 1 calls"), "{refused}");
    admission.ended(|| "a");
    assert_eq!(admission.begin(|| "a"), Ok(()));
}

#[test]
fn refused_call_is_not_counted() {
    let mut admission = admission(1, 1);
    assert_eq!(admission.begin(|| "a"), Ok(()));
    for _ in 0..10 {
        assert!(admission.begin(|| "b").is_err());
    }
    assert_eq!(admission.pending_for.len(), 1);
    admission.ended(|| "a");
    assert_eq!(admission.begin(|| "b"), Ok(()));
}

#[test]
fn no_service_is_remembered_without_calls_in_flight() {
    let mut admission = admission(0, 5);
    for n in 0..1_000 {
        let service = n.to_string();
        assert_eq!(admission.begin(|| &service), Ok(()));
        admission.ended(|| &service);
    }
    assert_eq!((admission.pending(), admission.pending_for.len()), (0, 0));
}

#[test]
fn overloaded_is_declined_and_local() {
    let why = Overloaded::MaxPending { limit: NonZeroUsize::MIN };
    let error = CallError::from(NotSent::from(why));
    assert_eq!((error.code, error.origin), (ErrorCode::Declined, Origin::Local));
    assert!(error.message.starts_with("max-pending"), "{}", error.message);
}

#[test]
fn max_connections_accepted() {
    let limits = Limits { max_connections_accepted: NonZeroUsize::MIN, ..Limits::default() };
    let mut admission = Admission::new(limits);
    assert_eq!(admission.accept(None), Ok(()));
    assert!(admission.accept(None).is_err());
    assert_eq!((admission.accepted(), admission.handshakes()), (1, 1));
    admission.closed(None, false);
    assert_eq!(admission.accept(None), Ok(()));
}

#[test]
fn max_handshakes() {
    let limits = Limits { max_handshakes: NonZeroUsize::MIN, ..Limits::default() };
    let mut admission = Admission::new(limits);
    assert_eq!(admission.accept(None), Ok(()));
    assert_eq!(admission.accept(None), Err(Refused::TooManyHandshakes { limit: NonZeroUsize::MIN }));
    admission.introduced();
    assert_eq!(admission.accept(None), Ok(()));
    admission.closed(None, true);
    assert!(admission.accept(None).is_err());
    admission.closed(None, false);
    assert_eq!(admission.accept(None), Ok(()));
    assert_eq!((admission.accepted(), admission.handshakes()), (1, 1));
}

#[test]
fn max_connections_per_peer() {
    let admission = Admission::new(Limits::default());
    assert_eq!((admission.may_dial(3), admission.may_dial(4)), (true, false));
}

#[test]
fn more_ends_than_beginnings_are_harmless() {
    let mut admission = admission(1, 1);
    admission.ended(|| "a");
    admission.closed(None, false);
    assert_eq!((admission.pending(), admission.accepted(), admission.handshakes()), (0, 0, 0));
}
