//! Frames of the peer, written as a line: `call req 2: 00 TTL T ROUTE 00 ARGS`.

use super::hex;

/// Id of frames that belong to no message; written `none`.
pub(crate) const NO_MESSAGE: u32 = 0xFFFF_FFFF;

/// Type bytes by the protocol's names.
pub(crate) const TYPES: &[(&str, u8)] = &[
    ("init req", 0x01),
    ("init res", 0x02),
    ("call req", 0x03),
    ("call res", 0x04),
    ("call req continue", 0x13),
    ("call res continue", 0x14),
    ("cancel", 0xC0),
    ("claim", 0xC1),
    ("ping req", 0xD0),
    ("ping res", 0xD1),
    ("error", 0xFF),
];

/// A line's bytes: one frame with its size filled in, or what follows `raw:` as it stands.
///
/// `TYPE` is a name or `0x42`. An id that ends in `+` grows by `turn`.
pub(crate) fn frame(line: &str, turn: usize) -> Vec<u8> {
    let (head, body) = line.split_once(':').unwrap_or_else(|| panic!("TYPE ID: BODY expected, got {line}"));
    let body = hex::bytes(body);
    if head == "raw" {
        return body;
    }
    let (kind, id) = head.rsplit_once(' ').unwrap_or_else(|| panic!("TYPE ID: BODY expected, got {line}"));
    let mut out = Vec::with_capacity(16 + body.len());
    let size = u16::try_from(16 + body.len()).unwrap_or_else(|_| panic!("too long for a frame: {line}"));
    out.extend(size.to_be_bytes());
    out.push(type_byte(kind));
    out.push(0);
    out.extend(message_id(id, turn).to_be_bytes());
    out.extend([0; 8]);
    out.extend(body);
    out
}

fn type_byte(kind: &str) -> u8 {
    if let Some(digits) = kind.strip_prefix("0x") {
        return u8::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("not a type: {kind}"));
    }
    TYPES.iter().find(|(name, _)| *name == kind).unwrap_or_else(|| panic!("no such type: {kind}")).1
}

/// An id as cases write it.
pub(crate) fn message_id(text: &str, turn: usize) -> u32 {
    if text == "none" {
        return NO_MESSAGE;
    }
    let (digits, turn) = match text.strip_suffix('+') {
        Some(digits) => (digits, turn),
        None => (text, 0),
    };
    u32::try_from(hex::number(digits) + turn).unwrap_or_else(|_| panic!("not an id: {text}"))
}

#[test]
fn a_line_gives_the_frame_of_the_worked_example() {
    assert_eq!(frame("ping req 3:", 0), hex::bytes("0010 d0 00 00000003 0000000000000000"));
    let busy = "error 2: 03 1111111111111111 0000000000000000 1111111111111111 00 0008'too busy'";
    let golden = "0034ff0000000002000000000000000003111111111111111100000000000000001111111111111111\
                  000008746f6f2062757379";
    assert_eq!(frame(busy, 0), hex::bytes(golden));
}
