//! What goes out, byte by byte, when the input or the configuration is at an edge.

use std::num::NonZeroU32;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_proto::wire::{ErrorCode, Message, NO_MESSAGE, ResponseCode, put_ping_req};
use tchannel_proto::{Args, Config, Event, OpenError, Request, Response};
use tchannel_tests::frames;
use tchannel_tests::solo::frame;

use crate::solo::{NOW, accepted, dialled, hear, ms, request, requested, send, sent};

/// A call req with a header key of 16 bytes, which nothing here would write.
fn long_key() -> BytesMut {
    let headers = [("cn", "x"), ("as", "raw"), ("fifteen-bytes-k", "v")];
    let mut bytes = frame(1, &frames::call_req_with(&headers, 1_000, false, &[b"e", b"", b""])).to_vec();
    let at = bytes.windows(15).position(|key| key == b"fifteen-bytes-k").expect("it was written");
    bytes[at - 1] = 16;
    bytes.insert(at + 15, b'K');
    let len = u16::try_from(bytes.len()).expect("it is short");
    bytes[..2].copy_from_slice(&len.to_be_bytes());
    BytesMut::from(&bytes[..])
}

#[test]
fn received_route_with_a_key_of_16_bytes_is_not_sent_on() {
    let mut from = accepted(Config::default(), "java");
    from.handle_input(NOW, &mut long_key());
    let Some(Event::Request { head, args: Some(args), .. }) = from.poll_event() else {
        panic!("a key of 16 bytes is read");
    };
    let mut to = dialled(Config::default(), "node");
    let whole = Request { head: head.clone(), args };
    assert_eq!(to.call(NOW, whole), Err(OpenError::HeaderKey));
    assert_eq!(to.open(NOW, head), Err(OpenError::HeaderKey));
    assert_eq!((send(NOW, &mut to), to.live()), (0, (0, 0)));
}

#[test]
fn pin_threshold_of_zero_gives_no_empty_part() {
    let mut config = Config::default();
    config.pin_threshold = 0;
    let mut machine = accepted(config, "go");
    hear(NOW, &mut machine, 1, &frames::call_req(1_000, false, &[b"e", b"", b""]));
    let call = requested(&mut machine);
    machine
        .respond(NOW, call, Response { code: ResponseCode::OK, args: Args::default() })
        .expect("it is live");
    let mut transmit = machine.poll_transmit(NOW).expect("the answer");
    assert!(transmit.parts().all(|part| !part.is_empty()));
    while transmit.has_remaining() {
        let len = transmit.chunk().len();
        assert_ne!(len, 0);
        transmit.advance(len);
    }
}

#[test]
fn patience_without_end_has_no_overflow() {
    let mut config = Config::default();
    config.patience = NonZeroU32::MAX;
    let mut machine = accepted(config, "go");
    for id in 1..=3 {
        hear(NOW, &mut machine, id, &frames::call_req(1_000, false, &[b"e", b"", b""]));
        let call = requested(&mut machine);
        if id == 2 {
            let response = Response { code: ResponseCode::OK, args: Args::default() };
            machine.respond(NOW, call, response).expect("it is live");
        } else {
            machine.reject(NOW, call, ErrorCode::Busy, "").expect("it is live");
        }
        send(NOW, &mut machine);
    }
    hear(NOW, &mut machine, 9, &frames::cancel());
    hear(NOW + ms(600_000), &mut machine, 9, &frames::cancel());
    assert_eq!((machine.stats().useless_frames, machine.is_closed()), (2, false));
}

#[test]
fn ping_with_the_id_that_means_no_message_is_not_answered() {
    let mut machine = accepted(Config::default(), "java");
    for id in [NO_MESSAGE, 7] {
        let mut ping = BytesMut::new();
        put_ping_req(&mut ping, id);
        machine.handle_input(NOW, &mut ping);
    }
    assert_eq!(sent(NOW, &mut machine), [(7, Message::PingRes)]);
    assert_eq!(machine.stats().useless_frames, 2);
}

#[test]
fn response_codes_other_than_0_and_1_are_sent_as_1() {
    for (code, expected) in [(0, 0), (1, 1), (2, 1), (7, 1), (255, 1)] {
        for streamed in [false, true] {
            let mut machine = accepted(Config::default(), "go");
            hear(NOW, &mut machine, 1, &frames::call_req(1_000, false, &[b"e", b"", b""]));
            let call = requested(&mut machine);
            if streamed {
                machine.reply(NOW, call, ResponseCode(code)).expect("it is live");
            } else {
                let args = Args::new(Bytes::new(), Bytes::new());
                machine.respond(NOW, call, Response { code: ResponseCode(code), args }).expect("it is live");
            }
            let frames = sent(NOW, &mut machine);
            let [(1, Message::CallRes(response))] = &frames[..] else { panic!("{frames:?}") };
            assert_eq!(response.code, ResponseCode(expected));
        }
    }
}

#[test]
fn received_response_code_is_given_as_it_came() {
    let mut machine = dialled(Config::default(), "go");
    let call = machine.call(NOW, request(ms(1_000), 1)).expect("there is room");
    send(NOW, &mut machine);
    let Message::CallRes(mut response) = frames::call_res(false, &[b"", b"", b"x"]) else { panic!() };
    response.code = ResponseCode(7);
    hear(NOW, &mut machine, call.id(), &Message::CallRes(response));
    let event = machine.poll_event();
    assert!(
        matches!(&event, Some(Event::Response { head, .. }) if head.code == ResponseCode(7) && !head.code.is_ok()),
        "{event:?}"
    );
}
