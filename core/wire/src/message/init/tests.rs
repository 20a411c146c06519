use alloc::format;

use super::*;
use crate::worked::{INIT_REQ, body, hex};

const WORKED: [(&str, &str); 5] = [
    (init_keys::HOST_PORT, "0.0.0.0:0"),
    (init_keys::PROCESS_NAME, "demo[7]"),
    (init_keys::LANGUAGE, "rust"),
    (init_keys::LANGUAGE_VERSION, "1.85.0"),
    (init_keys::VERSION, "0.1.0"),
];

#[test]
fn worked_init_req_decodes() {
    let init = Init::decode(&body(INIT_REQ)).unwrap();
    assert_eq!(init.version, PROTOCOL_VERSION);
    assert_eq!(init.headers.iter().collect::<Vec<_>>(), WORKED);
    assert_eq!((init.host_port(), init.process_name()), (Ok("0.0.0.0:0"), Ok("demo[7]")));
    assert_eq!(init.headers, InitHeaders::from_iter(WORKED));
}

#[test]
fn missing_required_headers_are_named() {
    let init = Init::decode(&hex("0002 0000").into()).unwrap();
    assert!(init.headers.is_empty());
    assert_eq!(init.host_port(), Err(Malformed::new(Field::HostPort, 0, Problem::Missing)));
    assert_eq!(init.process_name(), Err(Malformed::new(Field::ProcessName, 0, Problem::Missing)));
}

#[test]
fn other_versions_are_left_to_the_reader() {
    assert_eq!(Init::decode(&hex("0001 0000").into()).unwrap().version, 1);
    assert_eq!(Init::decode(&hex("ffff 0000").into()).unwrap().version, 0xFFFF);
}

#[test]
fn last_duplicate_wins() {
    let headers = InitHeaders::from_iter([("k", "1"), ("other", "2"), ("k", "3")]);
    assert_eq!((headers.get("k"), headers.len()), (Some("3"), 3));
    assert_eq!(headers.get("missing"), None);
}

#[test]
fn headers_beyond_128_are_skipped_but_must_be_whole() {
    let mut bytes = hex("0002 0082");
    for n in 0..130 {
        bytes.extend(format!("\0\u{4}k{n:03}\0\0").bytes());
    }
    let init = Init::decode(&bytes.clone().into()).unwrap();
    assert_eq!(init.headers.len(), MAX_INIT_HEADERS);
    bytes.pop();
    let truncated = Problem::Truncated { needed: 2, left: 1 };
    assert_eq!(Init::decode(&bytes.into()).unwrap_err().problem, truncated);
}

#[test]
fn declared_count_allocates_nothing() {
    let error = Init::decode(&hex("0002 ffff").into()).unwrap_err();
    assert_eq!(error, Malformed::new(Field::HeaderKey, 4, Problem::Truncated { needed: 2, left: 0 }));
}

#[test]
fn values_are_read_lossily() {
    let init = Init::decode(&hex("0002 0001 0001 6b 0002 ff41").into()).unwrap();
    assert_eq!(init.headers.get("k"), Some("\u{FFFD}A"));
}

#[test]
fn bytes_behind_the_headers_are_ignored() {
    let init = Init::decode(&hex("0002 0001 0001 6b 0001 76 ff").into()).unwrap();
    assert_eq!(init.headers.iter().collect::<Vec<_>>(), [("k", "v")]);
}

#[test]
fn truncated_init_is_malformed_at_every_length() {
    let whole = body(INIT_REQ);
    for len in 0..whole.len() {
        let error = Init::decode(&whole.slice(..len)).unwrap_err();
        assert!(matches!(error.problem, Problem::Truncated { .. }), "{len}: {error}");
    }
}
