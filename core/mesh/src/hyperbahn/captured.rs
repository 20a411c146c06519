//! The exchange of a tchannel-node client with a router, frame by frame.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use tchannel_proto::Timestamp;
use tchannel_wire::{Chunks, Frame, Message};

use super::{Advertise, AdvertiseEvent, AdvertiseOptions, Call, Discover};

use crate::rng::Rng;

const FRAMES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/frames/hyperbahn.txt"));

/// arg1, arg2 and arg3 of a whole message.
type Arguments = [Bytes; 3];

fn frame(line: &str) -> Option<Frame> {
    let hex = line.split_once("2c ").or_else(|| line.split_once("2s "))?.1;
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
    let bytes: BytesMut = (0..hex.len()).step_by(2).map(byte).collect();
    Frame::take(&mut bytes.clone()).expect("a frame")
}

fn arguments(chunks: &Chunks) -> Arguments {
    chunks.iter().collect::<Vec<_>>().try_into().expect("three arguments")
}

/// The request that node sent to this endpoint, and the answer that it took.
fn captured(endpoint: &str) -> (Arguments, Arguments) {
    let mut messages = FRAMES.lines().filter_map(frame).map(|frame| Message::decode(&frame));
    let asked = messages.find_map(|message| match message {
        Ok(Some(Message::CallReq(call))) if arguments(&call.chunks)[0] == endpoint => Some(call),
        _ => None,
    });
    let answered = match messages.next() {
        Some(Ok(Some(Message::CallRes(response)))) => response,
        other => panic!("no answer but {other:?}"),
    };
    let asked = asked.expect("it was asked");
    assert_eq!(asked.route.service(), super::HYPERBAHN);
    (arguments(&asked.chunks), arguments(&answered.chunks))
}

fn arguments_of(call: &Call) -> Arguments {
    [call.endpoint.into(), call.args.arg2.clone(), call.args.body()]
}

#[test]
fn discover_is_byte_for_byte_what_node_sends_and_its_answer_is_read() {
    let (asked, answered) = captured("Hyperbahn::discover");
    assert_eq!(arguments_of(&Discover::new("other-service").expect("a name").call()), asked);
    let peers = Discover::read(&answered[2]).expect("peers");
    assert_eq!(peers.iter().map(ToString::to_string).collect::<Vec<_>>(), ["127.0.0.1:4321"]);
}

/// Node sends `null` where the documents have an object.
fn assert_same_but_for_arg2(ours: &Arguments, node: &Arguments) {
    assert_eq!((&ours[0], &ours[2]), (&node[0], &node[2]));
    assert_eq!((&ours[1][..], &node[1][..]), (&b"{}"[..], &b"null"[..]));
}

#[test]
fn advertise_and_unadvertise_are_what_node_sends_and_their_answers_are_read() {
    let (mut advertise, mut rng) = (Advertise::new(AdvertiseOptions::default()), Rng::new(1));
    let (now, address) = (Timestamp::ZERO, SocketAddr::from(([127, 0, 0, 1], 36_659)));
    advertise.start(now, Some(address), ["my-service"]).expect("it can start");

    let (asked, answered) = captured("ad");
    let (key, call) = advertise.poll_call().expect("a call");
    assert_same_but_for_arg2(&arguments_of(&call), &asked);
    advertise.handle_response(now, key, true, &answered[2], &mut rng);
    assert_eq!(advertise.poll_event(), Some(AdvertiseEvent::Advertised { connection_count: 1, first: true }));

    let (asked, answered) = captured("unad");
    advertise.unadvertise(now).expect("it was started");
    let (key, call) = advertise.poll_call().expect("a call");
    assert_same_but_for_arg2(&arguments_of(&call), &asked);
    advertise.handle_response(now, key, true, &answered[2], &mut rng);
    assert_eq!(advertise.poll_event(), Some(AdvertiseEvent::Stopped));
    assert_eq!(advertise.poll_event(), Some(AdvertiseEvent::Unadvertised { connection_count: 1 }));
}
