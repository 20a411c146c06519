use alloc::{format, vec::Vec};

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::{
    CallReq, CallRes, Chunks, Continue, Frame, MAX_ARG1, MAX_FRAME, MAX_HEADER_VALUE, MAX_HEADERS,
    MAX_SERVICE, Message,
    worked::{BOUNDARY, CALL_REQ, CALL_RES, FRAGMENTS, TRACING, encode, hex},
};

fn route() -> Route {
    Route::encode("echo", [("cn", "demo"), ("as", "raw")]).unwrap()
}

fn copy_chunks(fragment: &mut Fragment, out: &mut BytesMut, chunks: &[&str]) {
    for chunk in chunks {
        fragment.open_chunk(out);
        fragment.copy(out, chunk.as_bytes());
    }
}

#[test]
fn worked_call_req_is_built() {
    let mut out = BytesMut::new();
    let mut fragment = Fragment::call_req(&mut out, 2, 1000, &TRACING, &route(), ChecksumKind::Crc32c);
    copy_chunks(&mut fragment, &mut out, &["echo", "head", "hello world"]);
    assert_eq!(fragment.len(), 97);
    assert_eq!(fragment.finish(&mut out, false, 0x9FEF_EEA0), 97);
    assert_eq!(out, hex(CALL_REQ).as_slice());
}

#[test]
fn worked_call_res_is_built() {
    let mut out = BytesMut::new();
    let headers = HeaderBlock::encode([("as", "raw")]).unwrap();
    let mut fragment =
        Fragment::call_res(&mut out, 2, ResponseCode::OK, &TRACING, &headers, ChecksumKind::Crc32c);
    copy_chunks(&mut fragment, &mut out, &["", "head", "hello world"]);
    assert_eq!(fragment.finish(&mut out, false, 0x1D89_B6F9), 77);
    assert_eq!(out, hex(CALL_RES).as_slice());
}

#[test]
fn worked_fragments_are_built_one_behind_the_other() {
    let kind = ChecksumKind::Crc32c;
    let mut out = BytesMut::new();
    let mut first = Fragment::call_req(&mut out, 2, 1000, &TRACING, &route(), kind);
    copy_chunks(&mut first, &mut out, &["echo", "he"]);
    let mut sizes = Vec::from([first.finish(&mut out, true, 0x4C2D_6AA4)]);
    let mut second = Fragment::call_req_continue(&mut out, 2, kind);
    copy_chunks(&mut second, &mut out, &["ad", "hello"]);
    sizes.push(second.finish(&mut out, true, 0x0F23_AA00));
    let mut third = Fragment::call_req_continue(&mut out, 2, kind);
    copy_chunks(&mut third, &mut out, &[" world"]);
    sizes.push(third.finish(&mut out, false, 0x9FEF_EEA0));
    assert_eq!(sizes, [0x52, 0x21, 0x1E]);
    assert_eq!(out, FRAGMENTS.map(hex).concat().as_slice());
}

#[test]
fn worked_boundary_opens_with_an_empty_chunk() {
    let mut out = BytesMut::new();
    let mut last = Fragment::call_req_continue(&mut out, 2, ChecksumKind::Crc32c);
    copy_chunks(&mut last, &mut out, &["", "hello world"]);
    last.finish(&mut out, false, 0x9FEF_EEA0);
    assert_eq!(out, hex(BOUNDARY[1]).as_slice());
}

#[test]
fn room_is_what_the_worked_sizes_say() {
    let mut out = BytesMut::new();
    let mut first = Fragment::call_req(&mut out, 2, 1000, &TRACING, &route(), ChecksumKind::Crc32c);
    first.open_chunk(&mut out);
    first.copy(&mut out, b"echo");
    assert_eq!((first.len(), first.room(MAX_FRAME)), (78, 65_457));
    assert_eq!((first.room(78), first.room(10)), (0, 0));
    let next = Fragment::call_req_continue(&mut out, 2, ChecksumKind::Crc32);
    assert_eq!((next.len(), next.room(MAX_FRAME)), (22, 65_513));
    let none = Fragment::call_res_continue(&mut out, 2, ChecksumKind::None);
    assert_eq!((none.len(), none.room(MAX_FRAME)), (18, 65_517));
}

#[test]
fn largest_head_leaves_room_for_all_of_arg1_and_the_start_of_arg2() {
    let pairs = (0..MAX_HEADERS).map(|n| (format!("{n:015}"), "v".repeat(MAX_HEADER_VALUE)));
    let route = Route::encode(&"s".repeat(MAX_SERVICE), pairs).unwrap();
    let mut out = BytesMut::new();
    let mut first = Fragment::call_req(&mut out, 2, 1, &TRACING, &route, ChecksumKind::Crc32c);
    first.chunk(&mut out, &[b'e'; MAX_ARG1]);
    first.open_chunk(&mut out);
    assert_eq!(first.len(), 51_512);
    let size = first.finish(&mut out, true, 0);
    let frame = Frame::take(&mut out).unwrap().unwrap();
    assert_eq!(size, 51_512);
    assert_eq!(CallReq::decode(&frame.body).unwrap().route, route);
}

#[test]
fn whole_chunk_is_the_same_as_an_open_one() {
    let mut out = BytesMut::new();
    let mut last = Fragment::call_req_continue(&mut out, 2, ChecksumKind::Crc32c);
    last.open_chunk(&mut out);
    last.chunk(&mut out, b"hello world");
    assert_eq!(last.finish(&mut out, false, 0x9FEF_EEA0), 0x25);
    assert_eq!(out, hex(BOUNDARY[1]).as_slice());
}

#[test]
fn shared_payload_counts_but_is_not_written() {
    let mut out = BytesMut::new();
    let mut fragment = Fragment::call_res_continue(&mut out, 9, ChecksumKind::None);
    fragment.open_chunk(&mut out);
    fragment.copy(&mut out, b"ab");
    fragment.share(0x1000);
    let cut = out.len();
    fragment.open_chunk(&mut out);
    fragment.copy(&mut out, b"z");
    assert_eq!(fragment.len(), 18 + 2 + 0x1002 + 2 + 1);
    let size = fragment.finish(&mut out, true, 0);
    assert_eq!(size, 0x1019);
    assert_eq!(out[..cut], hex("1019 14 00 00000009 0000000000000000 01 00 1002 6162"));
    assert_eq!(out[cut..], hex("0001 7a"));
}

#[test]
fn largest_frame_is_finished() {
    let mut out = BytesMut::new();
    let mut fragment = Fragment::call_req_continue(&mut out, 9, ChecksumKind::None);
    fragment.open_chunk(&mut out);
    fragment.share(fragment.room(MAX_FRAME));
    assert_eq!(fragment.finish(&mut out, false, 0), MAX_FRAME);
    assert_eq!(out, hex("ffff 13 00 00000009 0000000000000000 00 00 ffeb").as_slice());
}

proptest! {
    #[test]
    fn built_frames_equal_encoded_messages(
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..5),
        kind in prop::sample::select(&[ChecksumKind::None, ChecksumKind::Crc32, ChecksumKind::Crc32c]),
        more: bool,
        code: u8,
        which in 0..4,
    ) {
        let chunks = Chunks::encode(&parts).unwrap();
        let value = chunks.checksum(kind, 0);
        let (flags, checksum) = (if more { Flags::MORE } else { Flags::NONE }, Checksum { kind, value });
        let headers = HeaderBlock::encode([("as", "raw")]).unwrap();
        let code = ResponseCode(code);
        let mut out = BytesMut::from("before");
        let (message, mut fragment) = match which {
            0 => (
                Message::CallReq(CallReq { flags, ttl: 7, tracing: TRACING, route: route(), checksum, chunks }),
                Fragment::call_req(&mut out, 5, 7, &TRACING, &route(), kind),
            ),
            1 => (
                Message::CallRes(CallRes { flags, code, tracing: TRACING, headers: headers.clone(), checksum, chunks }),
                Fragment::call_res(&mut out, 5, code, &TRACING, &headers, kind),
            ),
            2 => (
                Message::CallReqContinue(Continue { flags, checksum, chunks }),
                Fragment::call_req_continue(&mut out, 5, kind),
            ),
            _ => (
                Message::CallResContinue(Continue { flags, checksum, chunks }),
                Fragment::call_res_continue(&mut out, 5, kind),
            ),
        };
        for part in &parts {
            fragment.open_chunk(&mut out);
            fragment.copy(&mut out, part);
        }
        let size = fragment.finish(&mut out, more, value);
        let expected = encode(&message, 5);
        prop_assert_eq!(size, expected.len());
        prop_assert_eq!(Bytes::from(out), Bytes::from([b"before".as_slice(), &expected].concat()));
    }
}
