use alloc::string::ToString;

use super::*;
use crate::NotSent;

const N: RetryFlags = RetryFlags::NEVER;
const C: RetryFlags = RetryFlags { connection: true, timeout: false };
const T: RetryFlags = RetryFlags { connection: false, timeout: true };
const CT: RetryFlags = RetryFlags { connection: true, timeout: true };

const fn remote(code: ErrorCode) -> Cause {
    Cause::Attempt { code, origin: Origin::Remote }
}

const fn local(code: ErrorCode) -> Cause {
    Cause::Attempt { code, origin: Origin::Local }
}

/// The columns `n`, `c`, `t`, `ct`, and the strict policy with default flags.
fn row(cause: Cause) -> [bool; 5] {
    let documented = [N, C, T, CT].map(|flags| RetryPolicy::Documented.allows(flags, cause));
    let [n, c, t, ct] = documented;
    [n, c, t, ct, RetryPolicy::Strict.allows(C, cause)]
}

const BUSY: [bool; 5] = [false, true, true, true, true];
const NOT_AT_ALL: [bool; 5] = [false; 5];

#[test]
fn busy_declined_also_drained() {
    for cause in [remote(ErrorCode::Busy), remote(ErrorCode::Declined), Cause::DRAINED] {
        assert_eq!(row(cause), BUSY, "{cause:?}");
    }
}

#[test]
fn timeout_of_one_attempt_local_or_error_0x01() {
    for cause in [local(ErrorCode::Timeout), remote(ErrorCode::Timeout)] {
        assert_eq!(row(cause), [false, false, true, true, false], "{cause:?}");
    }
}

#[test]
fn network() {
    for cause in [local(ErrorCode::Network), remote(ErrorCode::Network)] {
        assert_eq!(row(cause), [false, true, false, true, true], "{cause:?}");
    }
}

#[test]
fn fatal_0xff() {
    for cause in [local(ErrorCode::Fatal), remote(ErrorCode::Fatal)] {
        assert_eq!(row(cause), [false, true, false, true, false], "{cause:?}");
    }
}

#[test]
fn unexpected() {
    assert_eq!(row(remote(ErrorCode::Unexpected)), [false, true, false, true, false]);
}

#[test]
fn bad_request_cancelled_unhealthy() {
    for code in [ErrorCode::BadRequest, ErrorCode::Cancelled, ErrorCode::Unhealthy] {
        assert_eq!((row(remote(code)), row(local(code))), (NOT_AT_ALL, NOT_AT_ALL), "{code:?}");
    }
}

#[test]
fn unknown_code() {
    for byte in [0, 9, 66, 254] {
        assert_eq!(row(remote(ErrorCode::Unknown(byte))), NOT_AT_ALL);
    }
}

#[test]
fn no_peer_overloaded_validation() {
    for cause in [Cause::NoPeer, Cause::Overloaded, Cause::Invalid] {
        assert_eq!(row(cause), NOT_AT_ALL, "{cause:?}");
    }
    let no_peer = NotSent::NoPeer { service: "s".to_string() };
    assert_eq!((no_peer.cause(), no_peer.code()), (Cause::NoPeer, ErrorCode::Declined));
    let drained = NotSent::Connection(tchannel_proto::OpenError::Draining);
    assert_eq!((drained.cause(), Cause::from(&drained.into())), (Cause::DRAINED, Cause::DRAINED));
    assert_eq!(NotSent::DeadlinePassed.code(), ErrorCode::Timeout);
    let closed = CallError::from(NotSent::Closed);
    assert_eq!((closed.code, closed.origin), (ErrorCode::Network, Origin::Local));
}

#[test]
fn strict_policy_keeps_what_the_caller_asked_for() {
    assert!(RetryPolicy::Strict.allows(T, remote(ErrorCode::Timeout)));
    assert!(!RetryPolicy::Strict.allows(N, remote(ErrorCode::Busy)));
    assert!(!RetryPolicy::Strict.allows(CT, remote(ErrorCode::Unexpected)));
}

#[test]
fn p11_the_documented_libraries_own_test() {
    let rows = [
        ("c", ErrorCode::Busy, true),
        ("c", ErrorCode::Declined, true),
        ("c", ErrorCode::Timeout, false),
        ("ct", ErrorCode::Timeout, true),
        ("t", ErrorCode::Unexpected, false),
        ("t", ErrorCode::Network, false),
        ("c", ErrorCode::Network, true),
        ("n", ErrorCode::Network, false),
        ("ct", ErrorCode::Cancelled, false),
        ("ct", ErrorCode::BadRequest, false),
        ("c", ErrorCode::Fatal, true),
        ("t", ErrorCode::Fatal, false),
        ("t", ErrorCode::Unhealthy, false),
        ("ct", ErrorCode::Unhealthy, false),
    ];
    for (flags, code, retried) in rows {
        let flags = RetryFlags::parse(flags);
        assert_eq!(RetryPolicy::default().allows(flags, remote(code)), retried, "{flags:?} {code:?}");
    }
}
