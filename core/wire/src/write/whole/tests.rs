use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::{
    CallReq, CallRes, Fragment, Frame, MAX_FRAME, Message,
    worked::{CALL_REQ, CALL_RES, TRACING, hex},
};

const KINDS: [ChecksumKind; 3] = [ChecksumKind::None, ChecksumKind::Crc32, ChecksumKind::Crc32c];

fn route() -> Route {
    Route::encode("echo", [("cn", "demo"), ("as", "raw")]).unwrap()
}

fn headers() -> HeaderBlock {
    HeaderBlock::encode([("as", "raw")]).unwrap()
}

fn copied(checksum: ChecksumKind, args: [&[u8]; 3]) -> WholeArgs<'_> {
    WholeArgs { args, checksum, arg3_beside: false }
}

#[test]
fn worked_call_req_is_written() {
    let mut out = BytesMut::from(&b"before"[..]);
    let args = copied(ChecksumKind::Crc32c, [b"echo", b"head", b"hello world"]);
    put_call_req(&mut out, 2, 1000, &TRACING, &route(), &args);
    assert_eq!(out.split_to(6), b"before"[..]);
    assert_eq!(out, hex(CALL_REQ).as_slice());
}

#[test]
fn worked_call_res_is_written() {
    let mut out = BytesMut::new();
    let args = copied(ChecksumKind::Crc32c, [b"", b"head", b"hello world"]);
    put_call_res(&mut out, 2, ResponseCode::OK, &TRACING, &headers(), &args);
    assert_eq!(out, hex(CALL_RES).as_slice());
}

#[test]
fn arg3_beside_the_frame_is_summed_and_counted_but_not_copied() {
    let mut out = BytesMut::new();
    let args = copied(ChecksumKind::Crc32c, [b"", b"head", b"hello world"]);
    let args = WholeArgs { arg3_beside: true, ..args };
    put_call_res(&mut out, 2, ResponseCode::OK, &TRACING, &headers(), &args);
    assert_eq!([&out[..], b"hello world"].concat(), hex(CALL_RES));
}

#[test]
fn frame_of_65535_bytes_is_written() {
    let mut out = BytesMut::new();
    put_call_req(&mut out, 2, 1, &TRACING, &route(), &copied(ChecksumKind::None, [&[], &[], &[]]));
    let body = alloc::vec![7; MAX_FRAME - out.len()];
    out.clear();
    put_call_req(&mut out, 2, 1, &TRACING, &route(), &copied(ChecksumKind::None, [&[], &[], &body]));
    assert_eq!(out.len(), MAX_FRAME);
    assert!(Frame::take(&mut out).unwrap().is_some());
}

fn put_pieces(mut frame: Fragment, out: &mut BytesMut, args: [&[u8]; 3], sum: u32) {
    for arg in args {
        frame.chunk(out, arg);
    }
    frame.finish(out, false, sum);
}

fn arg() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from)
}

proptest! {
    #[test]
    fn frames_written_in_one_go_are_those_written_piece_by_piece(
        kind in prop::sample::select(&KINDS[..]),
        id in any::<u32>(),
        ttl in any::<u32>(),
        args in [arg(), arg(), arg()],
    ) {
        let (route, headers, code) = (route(), headers(), ResponseCode::NOT_OK);
        let args = [&args[0][..], &args[1][..], &args[2][..]];
        let sum = args.iter().fold(0, |running, arg| kind.update(running, arg));
        let mut whole = BytesMut::new();
        put_call_req(&mut whole, id, ttl, &TRACING, &route, &copied(kind, args));
        put_call_res(&mut whole, id, code, &TRACING, &headers, &copied(kind, args));

        let mut pieces = BytesMut::new();
        let frame = Fragment::call_req(&mut pieces, id, ttl, &TRACING, &route, kind);
        put_pieces(frame, &mut pieces, args, sum);
        let frame = Fragment::call_res(&mut pieces, id, code, &TRACING, &headers, kind);
        put_pieces(frame, &mut pieces, args, sum);
        prop_assert_eq!(&whole, &pieces);

        let request = Frame::take(&mut whole).unwrap().unwrap();
        let Ok(Some(Message::CallReq(CallReq { checksum, chunks, .. }))) = Message::decode(&request) else {
            return Err(TestCaseError::fail("no call req"));
        };
        prop_assert!(checksum.verify(&chunks, 0).is_ok());
        let response = Frame::take(&mut whole).unwrap().unwrap();
        let Ok(Some(Message::CallRes(CallRes { checksum, chunks, .. }))) = Message::decode(&response) else {
            return Err(TestCaseError::fail("no call res"));
        };
        prop_assert!(checksum.verify(&chunks, 0).is_ok());
        prop_assert!(chunks.iter_slices().eq(args));
    }
}
