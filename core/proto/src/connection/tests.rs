use alloc::vec::Vec;
use core::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_wire::{Frame, Message, ResponseCode, Route};

use super::*;
use crate::{Args, Lost};

const NOW: Timestamp = Timestamp::from_millis(1_000);

fn pair() -> (Connection, Connection) {
    let config = Arc::new(Config::default());
    let mut a = Connection::connect(NOW, Arc::clone(&config), "0.0.0.0:0", 1);
    let mut b = Connection::accept(NOW, config, "127.0.0.1:4040", 2);
    exchange(&mut a, &mut b);
    assert!(matches!(a.poll_event(), Some(Event::Ready(_))));
    assert!(matches!(b.poll_event(), Some(Event::Ready(_))));
    (a, b)
}

fn bytes_out(from: &mut Connection) -> BytesMut {
    let mut bytes = BytesMut::new();
    while let Some(mut transmit) = from.poll_transmit(NOW) {
        while transmit.has_remaining() {
            let len = transmit.chunk().len();
            bytes.extend_from_slice(transmit.chunk());
            transmit.advance(len);
        }
    }
    bytes
}

fn exchange(a: &mut Connection, b: &mut Connection) {
    loop {
        let mut to_b = bytes_out(a);
        let mut to_a = bytes_out(b);
        if to_a.is_empty() && to_b.is_empty() {
            return;
        }
        b.handle_input(NOW, &mut to_b);
        a.handle_input(NOW, &mut to_a);
    }
}

fn request(arg2: usize, arg3: usize) -> Request {
    let route = Route::encode("echo", [("cn", "demo"), ("as", "raw")]).unwrap();
    let head = RequestHead::new(route, Bytes::from_static(b"echo"), NOW + Duration::from_secs(1));
    Request { head, args: Args::new(alloc::vec![2; arg2], alloc::vec![3; arg3]) }
}

fn take_request(b: &mut Connection) -> (Incoming, Option<Args>) {
    match b.poll_event() {
        Some(Event::Request { call, head, args }) => {
            assert_eq!((head.service(), &head.arg1[..]), ("echo", &b"echo"[..]));
            (call, args)
        }
        other => panic!("no request: {other:?}"),
    }
}

fn whole(b: &mut Connection, call: Incoming, args: Option<Args>) -> Args {
    args.unwrap_or_else(|| {
        b.collect(call).unwrap();
        match b.poll_event() {
            Some(Event::Whole { args, .. }) => args,
            other => panic!("not whole: {other:?}"),
        }
    })
}

#[test]
fn whole_call_of_any_size_is_echoed() {
    for (arg2, arg3) in
        [(0, 0), (4, 11), (0, 65_535), (65_455, 0), (65_454, 1), (65_453, 0), (65_453, 9), (70_000, 1 << 20)]
    {
        let (mut a, mut b) = pair();
        let call = a.call(NOW, request(arg2, arg3)).unwrap();
        exchange(&mut a, &mut b);
        let (incoming, args) = take_request(&mut b);
        let args = whole(&mut b, incoming, args);
        b.respond(NOW, incoming, Response { code: ResponseCode::OK, args }).unwrap();
        exchange(&mut a, &mut b);
        match a.poll_event() {
            Some(Event::Response { call: answered, head, args: Some(args) }) => {
                assert_eq!(answered, call);
                assert!(head.code.is_ok());
                assert_eq!(head.headers.headers().get("as"), Some("raw"));
                assert_eq!((args.arg2.len(), args.body().len()), (arg2, arg3));
                assert!(args.arg2.iter().all(|byte| *byte == 2) && args.body().iter().all(|byte| *byte == 3));
            }
            other => panic!("no response: {other:?}"),
        }
        assert_eq!((a.live(), b.live()), ((0, 0), (0, 0)));
        assert_eq!((a.held(), b.held(), a.unsent(), b.unsent()), (0, 0, 0, 0));
        assert_eq!((a.poll_timeout(), b.poll_timeout()), (None, None));
    }
}

#[test]
fn first_call_has_the_bytes_of_the_specification() {
    let (mut a, mut b) = pair();
    let mut request = request(0, 0);
    request.head.tracing = tchannel_wire::Tracing {
        span_id: 0x1111_1111_1111_1111,
        parent_id: 0,
        trace_id: 0x1111_1111_1111_1111,
        flags: 0,
    };
    request.args = Args::new(Bytes::from_static(b"head"), Bytes::from_static(b"hello world"));
    a.call(NOW, request).unwrap();
    let mut bytes = bytes_out(&mut a);
    let hex = "006103000000000200000000000000000000 0003e81111111111111111 0000000000000000 1111111111111111 00\
        046563686f 02 02636e0464656d6f 026173 03726177 03 9fefeea0 00046563686f 000468656164 000b68656c6c6f20776f726c64";
    assert_eq!(&bytes[..], &unhex(hex)[..]);
    b.handle_input(NOW, &mut bytes);
    let (incoming, args) = take_request(&mut b);
    b.respond(NOW, incoming, Response { code: ResponseCode::OK, args: args.unwrap() }).unwrap();
    let hex = "004d04000000000200000000000000000000111111111111111100000000000000001111111111111111000102617303726177031d89b6f9\
        0000000468656164000b68656c6c6f20776f726c64";
    assert_eq!(&bytes_out(&mut b)[..], &unhex(hex)[..]);
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

#[test]
fn long_payload_is_shared_and_not_copied() {
    let (mut a, _b) = pair();
    let request = request(0, 60_000);
    let payload = request.args.arg3[0].clone();
    a.call(NOW, request).unwrap();
    let transmit = a.poll_transmit(NOW).unwrap();
    let parts: Vec<&Bytes> = transmit.parts().collect();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[1].as_ptr(), payload.as_ptr());
}

#[test]
fn hundred_small_calls_leave_in_one_part() {
    let (mut a, _b) = pair();
    for _ in 0..100 {
        a.call(NOW, request(0, 16)).unwrap();
    }
    let transmit = a.poll_transmit(NOW).unwrap();
    assert_eq!(transmit.parts().count(), 1);
    assert!(a.poll_transmit(NOW).is_none());
}

#[test]
fn deadline_fails_the_call_and_its_late_response_is_ignored() {
    let (mut a, mut b) = pair();
    let call = a.call(NOW, request(0, 1)).unwrap();
    exchange(&mut a, &mut b);
    let (incoming, args) = take_request(&mut b);
    let at = a.poll_timeout().unwrap();
    assert_eq!(at, NOW + Duration::from_secs(1));
    a.handle_timeout(at);
    match a.poll_event() {
        Some(Event::Failed { call: failed, error }) => {
            assert_eq!((failed, error.code), (call, ErrorCode::Timeout));
            assert_eq!(
                error.message,
                "timed out waiting for the response (service \"echo\", endpoint \"echo\", after 1000ms of 1000ms)"
            );
        }
        other => panic!("not failed: {other:?}"),
    }
    b.respond(NOW, incoming, Response { code: ResponseCode::OK, args: args.unwrap() }).unwrap();
    exchange(&mut a, &mut b);
    assert!(a.poll_event().is_none());
    assert_eq!(a.stats().late_frames, 1);
}

#[test]
fn lost_connection_fails_and_abandons_calls() {
    let (mut a, mut b) = pair();
    a.call(NOW, request(0, 1)).unwrap();
    exchange(&mut a, &mut b);
    let (incoming, _) = take_request(&mut b);
    a.handle_lost(NOW, Lost::Eof);
    b.handle_lost(NOW, Lost::Reset);
    assert!(matches!(a.poll_event(), Some(Event::Failed { error, .. }) if error.code == ErrorCode::Network));
    assert!(matches!(a.poll_event(), Some(Event::Closed(_))));
    assert!(matches!(b.poll_event(), Some(Event::Abandoned { call, .. }) if call == incoming));
    assert_eq!(b.reject(NOW, incoming, ErrorCode::Busy, ""), Err(Gone));
}

#[test]
fn streamed_echo_in_both_directions_at_once() {
    let (mut a, mut b) = pair();
    let Request { head, .. } = request(0, 0);
    let call = a.open(NOW, head).unwrap();
    a.write(call, Bytes::from_static(b"arg2")).unwrap();
    exchange(&mut a, &mut b);
    let (incoming, args) = take_request(&mut b);
    assert!(args.is_none());
    assert_eq!(
        b.read(NOW, incoming),
        Ok(Read::Part { arg: crate::Arg::Two, bytes: Bytes::from_static(b"arg2") })
    );
    assert_eq!(b.read(NOW, incoming), Ok(Read::Blocked));
    b.reply(NOW, incoming, ResponseCode::OK).unwrap();
    exchange(&mut a, &mut b);
    assert!(matches!(a.poll_event(), Some(Event::Response { args: None, .. })));
    assert_eq!(a.read(NOW, call), Ok(Read::Blocked));
    a.finish_arg(call).unwrap();
    a.write(call, Bytes::from_static(b"one")).unwrap();
    exchange(&mut a, &mut b);
    assert!(matches!(b.poll_event(), Some(Event::Readable(_))));
    assert_eq!(
        b.read(NOW, incoming),
        Ok(Read::Part { arg: crate::Arg::Three, bytes: Bytes::from_static(b"one") })
    );
    b.finish_arg(incoming).unwrap();
    b.write(incoming, Bytes::from_static(b"uno")).unwrap();
    b.finish_arg(incoming).unwrap();
    exchange(&mut a, &mut b);
    assert!(matches!(a.poll_event(), Some(Event::Readable(_))));
    assert_eq!(
        a.read(NOW, call),
        Ok(Read::Part { arg: crate::Arg::Three, bytes: Bytes::from_static(b"uno") })
    );
    assert_eq!(a.read(NOW, call), Ok(Read::Done));
    exchange(&mut a, &mut b);
    assert_eq!((a.live(), b.live()), ((0, 0), (0, 0)));
}

#[test]
fn read_that_finds_nothing_does_not_hold_the_gate_shut() {
    let stall_timeout = Duration::from_millis(500);
    let config = Config { unread_high: core::num::NonZeroUsize::MIN, stall_timeout, ..Config::default() };
    let mut a = Connection::connect(NOW, Arc::new(Config::default()), "0.0.0.0:0", 1);
    let mut b = Connection::accept(NOW, Arc::new(config), "127.0.0.1:4040", 2);
    exchange(&mut a, &mut b);
    let Some(Event::Ready(_)) = b.poll_event() else { panic!("no handshake") };
    let idle = a.open(NOW, request(0, 0).head).unwrap();
    exchange(&mut a, &mut b);
    let (idle_there, _) = take_request(&mut b);
    let full = a.open(NOW, request(0, 0).head).unwrap();
    a.write(full, Bytes::from_static(b"unread")).unwrap();
    exchange(&mut a, &mut b);
    assert_eq!((idle.id(), b.wants_input()), (2, 0));
    let (late, stall) = (NOW + stall_timeout / 2, NOW + stall_timeout);
    assert_eq!(b.read(late, idle_there), Ok(Read::Blocked));
    assert_eq!((b.poll_timeout(), b.timeout_cause()), (Some(stall), Some(TimeoutCause::Stall)));
    b.handle_timeout(stall);
    assert_ne!(b.wants_input(), 0);
}

#[test]
fn last_bytes_that_nobody_takes_stall_too() {
    let (mut a, mut b) = pair();
    a.call(NOW, request(0, 1)).unwrap();
    exchange(&mut a, &mut b);
    let (incoming, args) = take_request(&mut b);
    b.respond(NOW, incoming, Response { code: ResponseCode::OK, args: args.unwrap() }).unwrap();
    let _unwritten = b.poll_transmit(NOW).unwrap();
    assert_eq!(b.poll_timeout(), None);
    b.handle_blocked(NOW);
    let limit = b.config.write_stall_timeout.unwrap();
    assert_eq!((b.poll_timeout(), b.timeout_cause()), (Some(NOW + limit), Some(TimeoutCause::WriteStall)));
    b.handle_written(NOW + limit / 2);
    assert_eq!(b.poll_timeout(), Some(NOW + limit / 2 + limit));
    assert!(b.poll_transmit(NOW).is_none());
    assert_eq!(b.poll_timeout(), None);
}

#[test]
fn blocked_writer_is_told_when_its_write_fits_and_not_before() {
    let max_unsent = core::num::NonZeroUsize::new(1_000).unwrap();
    let config = Config { max_unsent, ..Config::default() };
    let mut a = Connection::connect(NOW, Arc::new(config), "0.0.0.0:0", 1);
    let (small, large) = (a.open(NOW, request(0, 0).head).unwrap(), a.open(NOW, request(0, 0).head).unwrap());
    a.write(small, Bytes::from_static(&[1; 400])).unwrap();
    let refused = Bytes::from_static(&[2; 900]);
    assert_eq!(a.write(large, refused.clone()), Err(WriteError::Blocked(refused.clone())));
    // The handshake is not done: nothing but the init req can leave, and nothing makes room.
    assert!(a.poll_transmit(NOW).is_some() && a.poll_transmit(NOW).is_none());
    assert!(a.poll_event().is_none());
    a.cancel(NOW, small, "not needed");
    assert!(a.poll_transmit(NOW).is_none());
    assert!(matches!(a.poll_event(), Some(Event::Failed { .. })));
    assert!(matches!(a.poll_event(), Some(Event::Writable(CallId::Outgoing(call))) if call == large));
    assert_eq!(a.write(large, refused), Ok(()));
}

#[test]
fn owner_lowers_the_limits_of_bytes_and_lifts_them_again() {
    let (mut a, mut b) = pair();
    a.limit_bytes(usize::MAX, 100);
    let full = OpenError::Full { what: "max_unsent", limit: 100 };
    assert_eq!(a.call(NOW, request(0, 200)), Err(full));
    a.limit_bytes(usize::MAX, usize::MAX);
    b.limit_bytes(100, usize::MAX);
    let refused = a.call(NOW, request(0, 200)).unwrap();
    exchange(&mut a, &mut b);
    assert!(matches!(
        a.poll_event(),
        Some(Event::Failed { call, error }) if call == refused && error.code == ErrorCode::Busy
    ));
    b.limit_bytes(usize::MAX, usize::MAX);
    a.call(NOW, request(0, 200)).unwrap();
    exchange(&mut a, &mut b);
    let (incoming, _) = take_request(&mut b);
    b.limit_bytes(usize::MAX, 100);
    let answer = Response { code: ResponseCode::OK, args: request(0, 200).args };
    assert_eq!(b.respond(NOW, incoming, answer), Ok(()));
    exchange(&mut a, &mut b);
    assert!(matches!(a.poll_event(), Some(Event::Failed { error, .. }) if error.code == ErrorCode::Busy));
}

#[test]
fn drain_finishes_old_calls_and_declines_new_ones() {
    let (mut a, mut b) = pair();
    a.call(NOW, request(0, 1)).unwrap();
    exchange(&mut a, &mut b);
    let (incoming, args) = take_request(&mut b);
    b.drain(NOW, "restart", NOW + Duration::from_secs(30));
    let mut notice = bytes_out(&mut b);
    let frame = Frame::take(&mut notice.clone()).unwrap().unwrap();
    assert!(
        matches!(Message::decode(&frame), Ok(Some(Message::Error(error))) if error.text() == "draining: restart")
    );
    a.handle_input(NOW, &mut notice);
    assert!(matches!(a.poll_event(), Some(Event::Draining(reason)) if reason == "restart"));
    assert_eq!(a.call(NOW, request(0, 1)), Err(OpenError::Draining));
    b.respond(NOW, incoming, Response { code: ResponseCode::OK, args: args.unwrap() }).unwrap();
    exchange(&mut a, &mut b);
    assert!(matches!(a.poll_event(), Some(Event::Response { .. })));
    assert!(matches!(b.poll_event(), Some(Event::Closed(crate::CloseReason::Drained))));
}
