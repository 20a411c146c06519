use std::string::ToString;
use std::vec::Vec;

use super::*;

#[test]
fn each_error_code_has_its_statuses() {
    let table: Vec<_> = [1, 2, 3, 4, 5, 6, 7, 8, 0xFF, 0x42]
        .map(ErrorCode::from_byte)
        .map(|code| (http(code).to_string(), grpc(code).to_string()))
        .into();
    let expected = [
        ("504 Gateway Timeout", "DEADLINE_EXCEEDED"),
        ("500 TChannel Cancelled", "CANCELLED"),
        ("429 Too Many Requests", "RESOURCE_EXHAUSTED"),
        ("503 Service Unavailable", "UNAVAILABLE"),
        ("500 Internal Server Error", "INTERNAL"),
        ("400 Bad Request", "INVALID_ARGUMENT"),
        ("500 TChannel Network Error", "UNAVAILABLE"),
        ("503 Service Unavailable", "UNAVAILABLE"),
        ("500 TChannel Protocol Error", "INTERNAL"),
        ("500 Internal Server Error", "UNKNOWN"),
    ];
    assert_eq!(table, expected.map(|(http, grpc)| (http.into(), grpc.into())));
}

#[test]
fn application_errors_are_answers() {
    assert_eq!(HTTP_ANSWERED.to_string(), "200 OK");
    assert_eq!(GRPC_NOT_OK.to_string(), "UNKNOWN");
}
