use bytes::Bytes;
use proptest::prelude::*;
use tchannel_capture::explain;
use tchannel_capture::wire::{ErrorCode, Field};

use super::kit::*;

fn lines(bytes: Vec<u8>) -> Vec<String> {
    let (fields, fault) = explain(&Bytes::from(bytes));
    let mut lines: Vec<String> = fields
        .iter()
        .map(|field| format!("{} {} {}: {}", field.at, field.len, field.name, field.value))
        .collect();
    lines.extend(fault.map(|fault| fault.to_string()));
    lines
}

#[test]
fn each_field_of_a_request_has_its_place() {
    let expected = [
        "0 2 size: 86 bytes",
        "2 1 type: call req",
        "3 1 reserved: ",
        "4 4 id: 7",
        "8 8 reserved: ",
        "16 1 flags: the last frame",
        "17 4 ttl: 1000 ms",
        "21 8 span id: 0000000000000000",
        "29 8 parent id: 0000000000000000",
        "37 8 trace id: 0000000000000000",
        "45 1 trace flags: not sampled",
        r#"46 4 service: 3 bytes: "svc""#,
        "50 1 headers: 2",
        r#"51 3 key: 2 bytes: "cn""#,
        r#"54 5 value: 4 bytes: "demo""#,
        r#"59 3 key: 2 bytes: "as""#,
        r#"62 4 value: 3 bytes: "raw""#,
        "66 1 checksum type: crc32c",
        "67 4 checksum: ddf85610",
        r#"71 6 arg1: 4 bytes: "echo""#,
        "77 2 arg2: 0 bytes",
        r#"79 7 arg3: 5 bytes: "hello""#,
    ];
    assert_eq!(lines(request(7, "echo", b"hello", 9).remove(0)), expected);
}

#[test]
fn a_frame_is_explained_up_to_its_fault() {
    let mut bytes = error(2, ErrorCode::Busy, "too busy");
    bytes[43] = 200;
    let (fields, fault) = explain(&Bytes::from(bytes));
    let fault = fault.expect("the text is shorter");
    assert_eq!((fault.field, fault.offset), (Field::Message, 28));
    assert_eq!(fields.last().map(|field| field.at + field.len), Some(42));
    let lines = lines(ping(3)[..12].to_vec());
    assert_eq!(lines[3..], ["4 4 id: 3".to_owned(), "frame size needs 8 bytes, 4 left".to_owned()]);
}

#[test]
fn what_is_left_over_is_shown_as_unread() {
    let mut bytes = ping(3);
    bytes[1] += 2;
    bytes.extend([0xFF, 0xFE]);
    assert_eq!(lines(bytes).last().map(String::as_str), Some("16 2 unread: 2 bytes: fffe"));
}

proptest! {
    #[test]
    fn fields_lie_side_by_side_in_any_bytes(
        kind in 0_u8..=255,
        which in 0_usize..12,
        body in proptest::collection::vec(any::<u8>(), 0..300),
        len in 0_usize..400,
    ) {
        let kinds = [1, 2, 3, 4, 0x13, 0x14, 0xC0, 0xC1, 0xD0, 0xD1, 0xFF, kind];
        let size = u16::try_from(16 + body.len()).expect("short").to_be_bytes();
        let mut bytes = [&size[..], &[kinds[which], 0, 0, 0, 0, 1], &[0; 8], &body].concat();
        bytes.truncate(len);
        let bytes = Bytes::from(bytes);
        let (fields, fault) = explain(&bytes);
        let mut at = 0;
        for field in fields {
            prop_assert_eq!(field.at, at);
            at += field.len;
        }
        prop_assert!(at <= bytes.len());
        prop_assert!(fault.is_some() || at == bytes.len());
        prop_assert!(fault.is_some() || bytes.len() == 16 + body.len());
    }
}
