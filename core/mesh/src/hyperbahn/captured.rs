//! The exchange of a tchannel-node client with a router, frame by frame.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::num::NonZeroU32;
use core::time::Duration;

use bytes::{Bytes, BytesMut};
use tchannel_proto::Timestamp;
use tchannel_wire::{Chunks, Frame, Message, Tracing};

use super::{Advertise, AdvertiseEvent, AdvertiseOptions, Call, Discover, submit};
use crate::options::Setting;
use crate::rng::Rng;
use crate::trace::{Role, SpanReport};

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
    assert!([super::HYPERBAHN, super::TCOLLECTOR].contains(&asked.route.service()));
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

#[test]
fn span_is_submitted_byte_for_byte_as_node_does() {
    let (asked, _) = captured("TCollector::submit");
    let id = 0x1375_1b22_7e8a_057d;
    let span = SpanReport {
        role: Role::Client,
        tracing: Tracing { trace_id: id, span_id: id, parent_id: 0, flags: 1 },
        service: "other-service".into(),
        endpoint: "traced".into(),
        caller: "my-caller".into(),
        scheme: "raw".into(),
        source: "127.0.0.1:1".into(),
        target: "127.0.0.1:21300".into(),
        began: Timestamp::ZERO,
        ended: None,
    };
    let began = Duration::from_millis(1_795_289_344_764);
    let call = submit(&span, began, Some(began + Duration::from_millis(1)));
    assert_eq!(arguments_of(&call), asked);
    let header = ("shardKey".into(), "326441762,2122974589".into());
    assert_eq!(call.options.headers, [header]);
    assert_eq!(call.options.shard_key, Setting::Is("326441762,2122974589".into()));
    assert_eq!(call.options.timeout, Some(Duration::from_millis(100)));
    assert_eq!((call.options.trace, call.options.max_attempts.map(NonZeroU32::get)), (Some(false), Some(1)));
}
