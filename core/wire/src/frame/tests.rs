use alloc::vec::Vec;

use bytes::BytesMut;

use super::*;
use crate::worked::{ALL, PING_REQ, hex};

#[test]
fn worked_ping_header_has_size_type_and_id() {
    let header = FrameHeader::peek(&hex(PING_REQ)).unwrap();
    assert_eq!(header, Some(FrameHeader { size: 16, kind: 0xD0, id: 3 }));
}

#[test]
fn header_encodes_with_zeros_in_the_reserved_bytes() {
    let header = FrameHeader { size: 0x1234, kind: 0xFF, id: 0x5678_9ABC };
    assert_eq!(header.encode().to_vec(), hex("1234 ff 00 56789abc 0000000000000000"));
}

#[test]
fn reserved_bytes_are_ignored() {
    let header = FrameHeader::peek(&hex("0010 d0 ff 00000003 ffffffffffffffff")).unwrap();
    assert_eq!(header, Some(FrameHeader { size: 16, kind: 0xD0, id: 3 }));
}

#[test]
fn size_below_16_is_refused_after_two_bytes() {
    for size in 0..16_u16 {
        let mut input = BytesMut::from(size.to_be_bytes().as_slice());
        let expected = Malformed {
            frame: None,
            field: Field::FrameSize,
            offset: 0,
            problem: Problem::OutOfRange { value: u64::from(size), min: 16, max: 65_535 },
        };
        assert_eq!(FrameHeader::peek(&input), Err(expected));
        assert_eq!(Frame::take(&mut input), Err(expected));
        assert_eq!(input.len(), 2, "nothing is taken on error");
    }
}

#[test]
fn header_waits_until_it_is_whole() {
    let bytes = hex("0010 d0 00 00000003 0000000000000000");
    for len in 0..16 {
        assert_eq!(FrameHeader::peek(&bytes[..len]), Ok(None), "{len} bytes");
    }
}

#[test]
fn incomplete_frame_leaves_the_input_untouched() {
    for text in ALL {
        let bytes = hex(text);
        for len in 0..bytes.len() {
            let mut input = BytesMut::from(&bytes[..len]);
            assert_eq!(Frame::take(&mut input), Ok(None));
            assert_eq!(input, bytes[..len]);
        }
    }
}

#[test]
fn frame_of_65535_bytes_is_whole_with_its_last_byte() {
    let mut bytes = hex("ffff 03 00 00000007 0000000000000000");
    bytes.resize(MAX_FRAME, 0xAB);
    let mut input = BytesMut::from(&bytes[..MAX_FRAME - 1]);
    assert_eq!(Frame::take(&mut input), Ok(None));
    input.extend_from_slice(&[0xCD, 0xEE]);
    let frame = Frame::take(&mut input).unwrap().unwrap();
    assert_eq!((frame.kind, frame.id, frame.body.len(), frame.body.last()), (3, 7, MAX_BODY, Some(&0xCD)));
    assert_eq!(input, [0xEE].as_slice());
}

#[test]
fn unknown_type_is_a_frame_all_the_same() {
    let mut input = BytesMut::from(hex("0011 42 00 00000001 0000000000000000 99").as_slice());
    let frame = Frame::take(&mut input).unwrap().unwrap();
    assert_eq!((frame.kind, frame.id, frame.body.as_ref()), (0x42, 1, [0x99].as_slice()));
}

#[test]
fn any_chunking_gives_the_same_frames() {
    let stream: Vec<u8> = ALL.iter().flat_map(|text| hex(text)).collect();
    let frames_in_steps = |step: usize| {
        let mut input = BytesMut::new();
        let mut frames = Vec::new();
        for part in stream.chunks(step) {
            input.extend_from_slice(part);
            while let Some(frame) = Frame::take(&mut input).unwrap() {
                frames.push(frame);
            }
        }
        assert!(input.is_empty());
        frames
    };
    let whole = frames_in_steps(stream.len());
    assert_eq!(whole.len(), ALL.len());
    for step in 1..40 {
        assert_eq!(frames_in_steps(step), whole, "{step} bytes at a time");
    }
}

#[test]
fn body_shares_the_memory_of_the_input() {
    let mut input = BytesMut::from(hex("0011 42 00 00000001 0000000000000000 99").as_slice());
    let at = input.as_ptr().wrapping_add(16);
    let frame = Frame::take(&mut input).unwrap().unwrap();
    assert_eq!(frame.body.as_ptr(), at);
}

#[test]
fn type_bytes_are_those_of_the_table() {
    let bytes = FrameType::ALL.map(FrameType::byte);
    assert_eq!(bytes, [0x01, 0x02, 0x03, 0x04, 0x13, 0x14, 0xC0, 0xC1, 0xD0, 0xD1, 0xFF]);
    let known: Vec<u8> = (0..=255).filter(|&byte| FrameType::from_byte(byte).is_some()).collect();
    assert_eq!(known, bytes);
    for kind in FrameType::ALL {
        assert_eq!(FrameType::from_byte(kind.byte()), Some(kind));
    }
}
