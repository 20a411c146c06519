use alloc::{string::ToString, vec::Vec};

use super::*;

const NAMED: [(u8, ErrorCode, &str); 9] = [
    (0x01, ErrorCode::Timeout, "timeout"),
    (0x02, ErrorCode::Cancelled, "cancelled"),
    (0x03, ErrorCode::Busy, "busy"),
    (0x04, ErrorCode::Declined, "declined"),
    (0x05, ErrorCode::Unexpected, "unexpected error"),
    (0x06, ErrorCode::BadRequest, "bad request"),
    (0x07, ErrorCode::Network, "network error"),
    (0x08, ErrorCode::Unhealthy, "unhealthy"),
    (0xFF, ErrorCode::Fatal, "fatal protocol error"),
];

#[test]
fn codes_and_words_are_those_of_the_table() {
    for (byte, code, words) in NAMED {
        assert_eq!(ErrorCode::from_byte(byte), code);
        assert_eq!(code.byte(), byte);
        assert_eq!(code.known_byte(), Some(byte));
        assert_eq!(code.to_string(), words);
    }
}

#[test]
fn every_other_byte_is_unknown_and_kept() {
    let known: Vec<u8> = NAMED.iter().map(|(byte, ..)| *byte).collect();
    for byte in (0..=255).filter(|byte| !known.contains(byte)) {
        let code = ErrorCode::from_byte(byte);
        assert_eq!(code, ErrorCode::Unknown(byte));
        assert_eq!((code.byte(), code.known_byte()), (byte, None));
    }
    assert_eq!(ErrorCode::Unknown(66).to_string(), "unknown error code 66");
}

#[test]
fn names_are_read_in_every_spelling_in_use() {
    let spellings = [
        ("Timeout timeout", ErrorCode::Timeout),
        ("Cancelled cancelled", ErrorCode::Cancelled),
        ("Busy busy", ErrorCode::Busy),
        ("Declined declined", ErrorCode::Declined),
        ("UnexpectedError unexpected_error", ErrorCode::Unexpected),
        ("BadRequest bad_request", ErrorCode::BadRequest),
        ("NetworkError network_error", ErrorCode::Network),
        ("Unhealthy UnHealthy unhealthy un_healthy", ErrorCode::Unhealthy),
        ("ProtocolError protocol_error", ErrorCode::Fatal),
    ];
    for (names, code) in spellings {
        for name in names.split(' ') {
            assert_eq!(name.parse(), Ok(code), "{name}");
        }
    }
    for (_, code, words) in NAMED {
        assert_eq!(words.parse(), Ok(code));
    }
    for name in ["", "BUSY", "Busy ", "Fatal", "unknown error code 66"] {
        assert_eq!(name.parse::<ErrorCode>(), Err(UnknownErrorName), "{name}");
    }
}
