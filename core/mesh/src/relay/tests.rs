use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use tchannel_proto::{Lost, Timestamp};
use tchannel_wire::{
    CallReq, CallRes, Checksum, ChecksumKind, Chunks, Continue, ErrorCode, ErrorFrame, Flags, Frame,
    HeaderBlock, Message, ResponseCode, Route, Tracing, put_cancel, put_error,
};

use super::*;

const TRACING: Tracing = Tracing { span_id: 1, parent_id: 2, trace_id: 3, flags: 1 };

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// The only frame that is written.
fn written(write: impl FnOnce(&mut BytesMut)) -> Frame {
    let mut out = BytesMut::new();
    write(&mut out);
    let frame = Frame::take(&mut out).expect("well formed").expect("whole");
    assert!(out.is_empty());
    frame
}

fn frame(message: &Message) -> Frame {
    written(|out| message.encode(7, out).expect("can be sent"))
}

fn call_of(parts: &[&str], flags: Flags, ttl: u32) -> CallReq {
    CallReq {
        flags,
        ttl,
        tracing: TRACING,
        route: Route::encode("moe", [("cn", "curly"), ("as", "raw"), ("zz", "?")]).expect("a route"),
        checksum: Checksum { kind: ChecksumKind::Crc32c, value: 0xDEAD_BEEF },
        chunks: Chunks::encode(parts).expect("chunks"),
    }
}

fn whole(ttl: u32) -> CallReq {
    call_of(&["echo", "head", "body"], Flags::NONE, ttl)
}

fn read(call: CallReq) -> Result<Request, Refusal> {
    Request::read(at(0), &frame(&Message::CallReq(call)).body, MAX_TTL)
}

fn resume(parts: &[&str], flags: Flags) -> Continue {
    let checksum = Checksum { kind: ChecksumKind::Crc32c, value: 1 };
    Continue { flags, checksum, chunks: Chunks::encode(parts).expect("chunks") }
}

fn more(request: &mut Request, frame_of: Continue) -> Result<Option<Passed>, Refusal> {
    request.more(&frame(&Message::CallReqContinue(frame_of)).body, 9)
}

fn response_of(parts: &[&str], flags: Flags) -> CallRes {
    CallRes {
        flags,
        code: ResponseCode(66),
        tracing: TRACING,
        headers: HeaderBlock::encode([("as", "raw"), ("zz", "?")]).expect("headers"),
        checksum: Checksum { kind: ChecksumKind::Crc32c, value: 2 },
        chunks: Chunks::encode(parts).expect("chunks"),
    }
}

/// What is on the wire once it is passed on.
pub(super) fn passed(passed: &Passed) -> (u32, Message) {
    let frame = written(|out| passed.put(out));
    let joined = [&passed.head()[..], passed.rest()].concat();
    assert_eq!(written(|out| out.extend_from_slice(&joined)), frame);
    assert_eq!(passed.size(), joined.len());
    (frame.id, Message::decode(&frame).expect("well formed").expect("known"))
}

#[test]
fn forward() {
    let request = read(whole(1_000)).expect("it may pass");
    let first = request.first(at(300), 42).expect("in time");
    assert_eq!(passed(&first), (42, Message::CallReq(whole(700))));
}

#[test]
fn forward_continuations_get_the_id_only() {
    let mut request = read(call_of(&["echo", "he"], Flags::MORE, 1_000)).expect("it may pass");
    let frames = [resume(&["ad", "bo"], Flags::MORE), resume(&["dy"], Flags::NONE)];
    for sent in frames {
        let got = more(&mut request, sent.clone()).expect("it may pass").expect("it belongs to it");
        assert_eq!(passed(&got), (9, Message::CallReqContinue(sent)));
    }
    assert_eq!(more(&mut request, resume(&["late"], Flags::NONE)), Ok(None));
}

#[test]
fn ttl() {
    let left = |received, now| read(whole(received)).and_then(|request| request.ttl_at(now));
    assert_eq!(left(1_000, 0), Ok(1_000));
    assert_eq!(left(1_000, 999), Ok(1));
    assert_eq!(left(1_000, 1_000), Err(Refusal::TtlExpired));
    assert_eq!(left(120_001, 0), Ok(120_000));
    assert_eq!(left(u32::MAX, 500), Ok(119_500));
    assert_eq!(left(0, 0), Err(Refusal::NoTtl));
    let part = || call_of(&["echo", "he"], Flags::MORE, 0);
    assert_eq!(read(part()).and_then(|request| request.ttl_at(0)), Ok(120_000));
    assert_eq!(read(part()).map(|request| request.deadline()), Ok(at(120_000)));
}

impl Request {
    /// The ttl of the first frame if it is passed on then.
    fn ttl_at(&self, millis: u64) -> Result<u32, Refusal> {
        let (_, message) = passed(&self.first(at(millis), 1)?);
        let Message::CallReq(call) = message else { panic!("{message:?}") };
        Ok(call.ttl)
    }
}

#[test]
fn ttl_is_never_rounded_up() {
    let request = read(whole(5)).expect("it may pass");
    assert_eq!(
        request.first(Timestamp::from_nanos(1), 1).map(|first| passed(&first).1),
        Ok(Message::CallReq(whole(4)))
    );
    let late = Timestamp::from_nanos(4_000_001);
    assert_eq!(request.first(late, 1), Err(Refusal::TtlExpired));
}

#[test]
fn route() {
    let named = |pairs: &[(&str, &str)]| {
        let route = Route::encode("moe", pairs.iter().copied()).expect("a route");
        read(CallReq { route, ..whole(1) }).map(|request| request.routing_name().to_string())
    };
    assert_eq!(named(&[("rd", "larry"), ("cn", "curly")]).as_deref(), Ok("larry"));
    assert_eq!(named(&[("cn", "curly")]).as_deref(), Ok("moe"));
    assert_eq!(named(&[("rd", "")]).as_deref(), Ok("moe"));
    assert_eq!(read(whole(1)).map(|request| request.endpoint().into_owned()).as_deref(), Ok("echo"));
}

#[test]
fn first_frame() {
    for (parts, flags, refusal) in [
        (&["ec"][..], Flags::MORE, Refusal::Arg1Split),
        (&["echo"], Flags::NONE, Refusal::Args { got: 1 }),
        (&["echo", "head"], Flags::NONE, Refusal::Args { got: 2 }),
        (&["echo", "head", "body", "more"], Flags::NONE, Refusal::Args { got: 4 }),
        (&["echo", "head", "", "body"], Flags::NONE, Refusal::Args { got: 4 }),
        (&["echo", "head", "body", "more"], Flags::MORE, Refusal::Args { got: 4 }),
    ] {
        assert_eq!(read(call_of(parts, flags, 1)).err(), Some(refusal), "{parts:?}");
    }
    let longest = "x".repeat(16_384);
    assert!(read(call_of(&[&longest, "", ""], Flags::NONE, 1)).is_ok());
    let longer = "x".repeat(16_385);
    let refused = read(call_of(&[&longer, "", ""], Flags::NONE, 1)).err();
    assert_eq!(refused, Some(Refusal::Arg1TooLong { len: 16_385 }));
}

#[test]
fn malformed_first_frame() {
    let whole = frame(&Message::CallReq(whole(1))).body;
    for cut in 0..whole.len() {
        let refused = Request::read(at(0), &whole.slice(..cut), MAX_TTL).expect_err("it is cut off");
        assert_eq!(refused.code(), ErrorCode::BadRequest, "cut at {cut}");
    }
}

#[test]
fn further_frames_that_break_the_message_are_refused() {
    let begun = || read(call_of(&["echo", "he"], Flags::MORE, 1)).expect("it may pass");
    let refused = |frame_of| more(&mut begun(), frame_of).err();
    assert_eq!(refused(resume(&["ad"], Flags::NONE)), Some(Refusal::Args { got: 2 }));
    assert_eq!(refused(resume(&["ad", "bo", "?"], Flags::MORE)), Some(Refusal::Args { got: 4 }));
    assert_eq!(refused(resume(&["ad", "bo", "?"], Flags::NONE)), Some(Refusal::Args { got: 4 }));
    let checksum = Checksum { kind: ChecksumKind::Crc32, value: 1 };
    let changed = Continue { checksum, ..resume(&["ad", "body"], Flags::NONE) };
    assert_eq!(refused(changed), Some(Refusal::ChecksumType));
    let empty = frame(&Message::CallReqContinue(resume(&["ad"], Flags::NONE))).body;
    let refused = begun().more(&empty.slice(..6), 9).expect_err("no chunk");
    assert_eq!(refused.code(), ErrorCode::BadRequest);
}

#[test]
fn arguments_that_python_writes_as_four_pass() {
    let mut request = read(call_of(&["echo", "head"], Flags::MORE, 1)).expect("it may pass");
    for (parts, flags) in [(&["", ""][..], Flags::MORE), (&["", "bo"], Flags::MORE), (&["dy"], Flags::NONE)] {
        assert!(more(&mut request, resume(parts, flags)).is_ok_and(|passed| passed.is_some()));
    }
}

#[test]
fn flags_that_a_peer_hangs_on_are_taken_off() {
    let request = read(call_of(&["echo", "head", "body"], Flags(0xFE), 5)).expect("it may pass");
    let first = request.first(at(0), 42).expect("in time");
    assert_eq!(passed(&first), (42, Message::CallReq(whole(5))));
    let mut request = read(call_of(&["echo", "he"], Flags(0x03), 5)).expect("it may pass");
    let got =
        more(&mut request, resume(&["ad", ""], Flags(0x80))).expect("it may pass").expect("it belongs to it");
    assert_eq!(passed(&got).1, Message::CallReqContinue(resume(&["ad", ""], Flags::NONE)));
}

#[test]
fn header_key_that_node_closes_on_is_refused() {
    let whole = frame(&Message::CallReq(whole(1))).body;
    let (before, after) =
        whole.split_at(whole.iter().rposition(|byte| *byte == b'?').expect("its last header") - 4);
    assert_eq!(&after[..5], b"\x02zz\x01?");
    let body: Bytes = [before, b"\x1016-bytes-of-key.\x01?", &after[5..]].concat().into();
    assert_eq!(Request::read(at(0), &body, MAX_TTL).err(), Some(Refusal::HeaderKey));
}

#[test]
fn answer() {
    let mut answer = Answer::new();
    let sent = response_of(&["", "he"], Flags::MORE);
    let first = answer.first(&frame(&Message::CallRes(sent.clone())).body, 42).expect("it may pass");
    assert_eq!(first.map(|first| passed(&first)), Some((42, Message::CallRes(sent))));
    assert!(!answer.is_over());
    let sent = resume(&["ad", "body"], Flags::NONE);
    let body = frame(&Message::CallResContinue(sent.clone())).body;
    let last = answer.more(&body, 42).expect("it may pass");
    assert_eq!(last.map(|last| passed(&last)), Some((42, Message::CallResContinue(sent))));
    assert!(answer.is_over());
    assert_eq!(answer.more(&body, 42), Ok(None));
    let again = frame(&Message::CallRes(response_of(&["", "", ""], Flags::NONE))).body;
    assert_eq!(answer.first(&again, 42), Ok(None));
}

#[test]
fn answers_that_are_no_messages_are_refused() {
    let first = |parts: &[&str], flags| {
        Answer::new().first(&frame(&Message::CallRes(response_of(parts, flags))).body, 42).err()
    };
    assert_eq!(first(&["", ""], Flags::NONE), Some(Refusal::Args { got: 2 }));
    assert_eq!(first(&["", "", "a", "b"], Flags::NONE), Some(Refusal::Args { got: 4 }));
    assert_eq!(first(&["", "", "a", "b"], Flags::MORE), Some(Refusal::Args { got: 4 }));
    let body = frame(&Message::CallResContinue(resume(&["ad"], Flags::NONE))).body;
    assert_eq!(Answer::new().more(&body, 42), Err(Refusal::Args { got: 0 }));
    let cut = frame(&Message::CallRes(response_of(&["", "", ""], Flags::NONE))).body;
    for cut in (0..cut.len()).map(|end| cut.slice(..end)) {
        assert!(Answer::new().first(&cut, 42).is_err());
    }
}

#[test]
fn error_frames_go_back_with_the_original_id() {
    for byte in 0..=255 {
        let code = ErrorCode::from_byte(byte);
        let mut body = BytesMut::from(&[byte][..]);
        body.extend_from_slice(&TRACING.encode());
        body.extend_from_slice(b"\0\x02no");
        for takes_fatal in [false, true] {
            let breaks = matches!(code, ErrorCode::Unknown(_)) || code == ErrorCode::Fatal && !takes_fatal;
            let wanted = if breaks { ErrorCode::Unexpected } else { code };
            let sent = ErrorFrame { code: wanted, tracing: TRACING, message: "no".into() };
            let got = error_frame(&body.clone().freeze(), 42, takes_fatal).expect("it may pass");
            assert_eq!(passed(&got), (42, Message::Error(sent)), "{code}");
        }
    }
    let whole = written(|out| put_error(out, 7, ErrorCode::Busy, &TRACING, "no")).body;
    for cut in 0..whole.len() {
        let refused = error_frame(&whole.slice(..cut), 42, true).err();
        assert_eq!(refused, Some(Refusal::MalformedError));
    }
}

#[test]
fn cancel() {
    let sent = written(|out| put_cancel(out, 7, 5, &TRACING, "why"));
    let got = cancel_frame(&sent.body, 42).expect("it may pass");
    assert_eq!(passed(&got), (42, Message::decode(&sent).expect("well formed").expect("known")));
    assert!(cancel_frame(&sent.body.slice(..10), 42).is_err());
    let empty = cancel_frame(&Bytes::new(), 42).expect("it may pass");
    assert_eq!(empty.size(), 16);
}

#[test]
fn refusals_have_the_codes_texts_and_reasons_of_the_table() {
    let connect = Refusal::ConnectFailed { address: "10.0.0.1:4040".into(), why: Lost::Refused };
    for (refusal, code, text, reason) in [
        (Refusal::NoTtl, ErrorCode::BadRequest, "ttl must be greater than 0", "bad-request"),
        (Refusal::TtlExpired, ErrorCode::Timeout, "relay ttl expired", "timeout"),
        (Refusal::NoPeer, ErrorCode::Declined, "no peer available for request", "declined"),
        (
            connect,
            ErrorCode::Network,
            "cannot connect to 10.0.0.1:4040: connection refused",
            "relay-connection-failed",
        ),
        (Refusal::DestinationSlow, ErrorCode::Busy, "relay: destination slow", "relay-dest-conn-slow"),
        (Refusal::MalformedError, ErrorCode::Unexpected, "malformed error frame", "unexpected-error"),
        (Refusal::Args { got: 4 }, ErrorCode::BadRequest, "expected 3 args, got 4", "bad-request"),
    ] {
        assert_eq!((refusal.code(), refusal.to_string().as_str(), refusal.reason()), (code, text, reason));
    }
}

proptest! {
    #[test]
    fn only_id_and_ttl_of_any_request_change(
        service in "[a-z]{1,20}",
        values in prop::collection::vec("[a-z]{0,20}", 0..5),
        args in prop::array::uniform3("[a-z]{0,200}"),
        ttl in 1_u32..1_000_000,
        spent in 0_u64..200_000,
        ids: (u32, u32),
    ) {
        let pairs = values.iter().enumerate().map(|(at, value)| (format!("k{at}"), value));
        let sent = CallReq {
            route: Route::encode(&service, pairs).expect("a route"),
            chunks: Chunks::encode(&args).expect("chunks"),
            ..whole(ttl)
        };
        let frame = written(|out| Message::CallReq(sent.clone()).encode(ids.0, out).expect("can be sent"));
        let request = Request::read(at(7), &frame.body, MAX_TTL).expect("it may pass");
        let limit = u64::from(ttl.min(120_000));
        match request.first(at(7 + spent), ids.1) {
            Ok(first) => {
                let left = u32::try_from(limit - spent).expect("there is some left");
                prop_assert_eq!(passed(&first), (ids.1, Message::CallReq(CallReq { ttl: left, ..sent })));
            }
            Err(refusal) => {
                prop_assert_eq!(refusal, Refusal::TtlExpired);
                prop_assert!(spent >= limit);
            }
        }
    }

    #[test]
    fn no_bytes_are_harmful(body: Vec<u8>, cut in 0_usize..80) {
        let _ = Request::read(at(0), &body.clone().into(), MAX_TTL);
        let _ = Answer::new().first(&body.clone().into(), 1);
        let _ = error_frame(&body.clone().into(), 1, false);
        let _ = cancel_frame(&body.clone().into(), 1);
        let whole = frame(&Message::CallReq(whole(1))).body;
        let body: Bytes = [&whole[..cut.min(whole.len())], &body].concat().into();
        if let Ok(request) = Request::read(at(0), &body, MAX_TTL) {
            passed(&request.first(at(0), 1).expect("in time"));
        }
    }
}
