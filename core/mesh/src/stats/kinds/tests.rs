use alloc::string::String;

use super::*;

#[test]
fn error_type_words() {
    for (code, word) in [
        (ErrorCode::Timeout, "timeout"),
        (ErrorCode::Cancelled, "cancelled"),
        (ErrorCode::Busy, "busy"),
        (ErrorCode::Declined, "declined"),
        (ErrorCode::Unexpected, "unexpected-error"),
        (ErrorCode::Unknown(66), "unexpected-error"),
        (ErrorCode::BadRequest, "bad-request"),
        (ErrorCode::Network, "network-error"),
        (ErrorCode::Unhealthy, "unhealthy"),
        (ErrorCode::Fatal, "protocol-error"),
    ] {
        assert_eq!(error_word(code), word);
    }
}

#[test]
fn closed_reasons_and_errors_types() {
    let protocol = || CloseReason::Protocol(String::new());
    let remote = CloseReason::Remote { code: ErrorCode::Fatal, message: String::new() };
    for (reason, closed, error) in [
        (CloseReason::Drained, "app-initiated", None),
        (CloseReason::DrainTimeout, "app-initiated", None),
        (CloseReason::Local, "app-initiated", None),
        (CloseReason::Lost(Lost::Eof), "peer-closed", None),
        (CloseReason::Lost(Lost::Refused), "network-error", Some("network-error")),
        (CloseReason::Lost(Lost::Reset), "network-error", Some("network-error")),
        (CloseReason::Lost(Lost::Unreachable), "network-error", Some("network-error")),
        (CloseReason::Lost(Lost::Other), "network-error", Some("network-error")),
        (CloseReason::Lost(Lost::TimedOut), "network-timeout", Some("network-timeout")),
        (CloseReason::HandshakeTimeout, "network-timeout", Some("network-timeout")),
        (CloseReason::Stale, "network-timeout", Some("network-timeout")),
        (CloseReason::Stalled, "network-timeout", Some("network-timeout")),
        (CloseReason::Unhealthy, "network-timeout", Some("network-timeout")),
        (protocol(), "protocol-error", Some("protocol-error")),
        (CloseReason::TooManyUselessFrames, "protocol-error", Some("protocol-error")),
        (remote, "protocol-error", Some("peer-protocol-error")),
    ] {
        assert_eq!(Closed::of(&reason).as_str(), closed, "{reason:?}");
        assert_eq!(ConnectionError::of(&reason).map(ConnectionError::as_str), error, "{reason:?}");
    }
    assert_eq!(Closed::IdleTimeout.as_str(), "idle-timeout");
}
