//! The worked frames of the specification, for tests.

use alloc::{string::String, vec::Vec};

use bytes::{Bytes, BytesMut};

use crate::{Frame, Message, Tracing};

pub(crate) const INIT_REQ: &str = "0096 01 00 00000001 0000000000000000 0002 0005
    0009 686f73745f706f7274 0009 302e302e302e303a30
    000c 70726f636573735f6e616d65 0007 64656d6f5b375d
    0011 746368616e6e656c5f6c616e6775616765 0004 72757374
    0019 746368616e6e656c5f6c616e67756167655f76657273696f6e 0006 312e38352e30
    0010 746368616e6e656c5f76657273696f6e 0005 302e312e30";

pub(crate) const CALL_REQ: &str = "0061 03 00 00000002 0000000000000000 00 000003e8
    1111111111111111 0000000000000000 1111111111111111 00 04 6563686f 02 02 636e 04 64656d6f 02 6173 03 726177
    03 9fefeea0 0004 6563686f 0004 68656164 000b 68656c6c6f20776f726c64";

pub(crate) const CALL_REQ_NO_CHECKSUM: &str = "004e030000000002000000000000000000000003e811111111111111110000000000000000111111111111111100\
     046563686f0202636e0464656d6f026173037261770000046563686f00000000";

pub(crate) const CALL_RES: &str = "004d04000000000200000000000000000000111111111111111100000000000000001111111111111111000102617303726177\
     031d89b6f90000000468656164000b68656c6c6f20776f726c64";

/// `echo` `head` `hello world` cut as [echo, he] [ad, hello] [ world].
pub(crate) const FRAGMENTS: [&str; 3] = [
    "0052 03 00 00000002 0000000000000000 01 000003e8 1111111111111111 0000000000000000 1111111111111111 00
     04 6563686f 02 02 636e 04 64656d6f 02 6173 03 726177 03 4c2d6aa4 0004 6563686f 0002 6865",
    "0021 13 00 00000002 0000000000000000 01 03 0f23aa00 0002 6164 0005 68656c6c6f",
    "001e 13 00 00000002 0000000000000000 00 03 9fefeea0 0006 20776f726c64",
];

/// The same with arg2 ending at the first frame's end.
pub(crate) const BOUNDARY: [&str; 2] = [
    "0054 03 00 00000002 0000000000000000 01 000003e8 1111111111111111 0000000000000000 1111111111111111 00
     04 6563686f 02 02 636e 04 64656d6f 02 6173 03 726177 03 04e5418e 0004 6563686f 0004 68656164",
    "0025 13 00 00000002 0000000000000000 00 03 9fefeea0 0000 000b 68656c6c6f20776f726c64",
];

pub(crate) const ERROR_BUSY: &str = "0034ff0000000002000000000000000003\
     111111111111111100000000000000001111111111111111000008746f6f2062757379";
pub(crate) const ERROR_FATAL: &str = "0034ff00ffffffff0000000000000000ff\
     0000000000000000000000000000000000000000000000000000086261642073697a65";
pub(crate) const ERROR_DRAINING: &str = "003dff00ffffffff000000000000000004\
     000000000000000000000000000000000000000000000000000011647261696e696e673a2072657374617274";
pub(crate) const PING_REQ: &str = "0010d000000000030000000000000000";
pub(crate) const PING_RES: &str = "0010d100000000030000000000000000";
pub(crate) const CANCEL: &str = "0036c0000000000200000000000000000000000011111111111111110000000000000000111111111111111100\
     000764726f70706564";
pub(crate) const CLAIM: &str =
    "002dc1000000000200000000000000000000000011111111111111110000000000000000111111111111111100";

/// Every worked frame.
pub(crate) const ALL: [&str; 16] = [
    INIT_REQ,
    CALL_REQ,
    CALL_REQ_NO_CHECKSUM,
    CALL_RES,
    FRAGMENTS[0],
    FRAGMENTS[1],
    FRAGMENTS[2],
    BOUNDARY[0],
    BOUNDARY[1],
    ERROR_BUSY,
    ERROR_FATAL,
    ERROR_DRAINING,
    PING_REQ,
    PING_RES,
    CANCEL,
    CLAIM,
];

/// The tracing of the worked calls.
pub(crate) const TRACING: Tracing =
    Tracing { span_id: 0x1111_1111_1111_1111, parent_id: 0, trace_id: 0x1111_1111_1111_1111, flags: 0 };

/// Bytes of a hex text with spaces.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "whole bytes");
    let byte = |pair: &[u8; 2]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.iter().map(byte).collect()
}

/// The one frame that a hex text holds.
pub(crate) fn frame(text: &str) -> Frame {
    let mut input = BytesMut::from(hex(text).as_slice());
    let frame = Frame::take(&mut input).unwrap().expect("a whole frame");
    assert!(input.is_empty(), "nothing behind the frame");
    frame
}

pub(crate) fn body(text: &str) -> Bytes {
    frame(text).body
}

pub(crate) fn decode(text: &str) -> Message {
    Message::decode(&frame(text)).unwrap().expect("a known type")
}

pub(crate) fn encode(message: &Message, id: u32) -> Vec<u8> {
    let mut out = BytesMut::new();
    message.encode(id, &mut out).unwrap();
    out.to_vec()
}
