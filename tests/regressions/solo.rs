//! One machine that has shaken hands with a peer that is only bytes.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_proto::wire::{Frame, FrameType, Message, Route};
use tchannel_proto::{Args, Config, Connection, Event, Incoming, Request, RequestHead, Timestamp};
use tchannel_tests::solo::{frame, init};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_000);

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn bytes(limit: usize) -> NonZeroUsize {
    NonZeroUsize::new(limit).expect("no limit is 0")
}

/// A dialling side whose peer names this language.
pub(crate) fn dialled(config: Config, language: &str) -> Connection {
    let mut machine = Connection::connect(NOW, Arc::new(config), "0.0.0.0:0", 1);
    send(NOW, &mut machine);
    machine.handle_input(NOW, &mut init(FrameType::InitRes, language));
    ready(&mut machine);
    machine
}

/// An accepting side whose peer names this language.
pub(crate) fn accepted(config: Config, language: &str) -> Connection {
    let mut machine = Connection::accept(NOW, Arc::new(config), "10.0.0.1:4040", 2);
    machine.handle_input(NOW, &mut init(FrameType::InitReq, language));
    send(NOW, &mut machine);
    ready(&mut machine);
    machine
}

fn ready(machine: &mut Connection) {
    let event = machine.poll_event();
    assert!(matches!(event, Some(Event::Ready(_))), "{event:?}");
}

pub(crate) fn head(ttl: Duration) -> RequestHead {
    let route = Route::encode("svc", [("cn", "x"), ("as", "raw")]).expect("short headers");
    RequestHead::new(route, Bytes::from_static(b"echo"), NOW + ttl)
}

pub(crate) fn request(ttl: Duration, body: usize) -> Request {
    Request { head: head(ttl), args: Args::new(Bytes::new(), vec![3; body]) }
}

/// A frame from the peer.
pub(crate) fn hear(now: Timestamp, machine: &mut Connection, id: u32, message: &Message) {
    machine.handle_input(now, &mut frame(id, message));
}

pub(crate) fn events(machine: &mut Connection) -> Vec<Event> {
    std::iter::from_fn(|| machine.poll_event()).collect()
}

/// Takes events until there are none; gives their number.
pub(crate) fn drop_events(machine: &mut Connection) -> usize {
    std::iter::from_fn(|| machine.poll_event()).count()
}

/// Writes all there is to a peer that takes it at once; gives its size.
pub(crate) fn send(now: Timestamp, machine: &mut Connection) -> usize {
    std::iter::from_fn(|| machine.poll_transmit(now)).map(|transmit| transmit.remaining()).sum()
}

/// The same, as the peer reads it.
pub(crate) fn sent(now: Timestamp, machine: &mut Connection) -> Vec<(u32, Message)> {
    let mut wire = BytesMut::new();
    while let Some(mut transmit) = machine.poll_transmit(now) {
        wire.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
    }
    std::iter::from_fn(|| {
        let frame = Frame::take(&mut wire).expect("what is sent is well formed")?;
        let message = Message::decode(&frame).expect("what is sent is well formed");
        Some((frame.id, message.expect("only known frames are sent")))
    })
    .collect()
}

/// The one request that has come.
pub(crate) fn requested(machine: &mut Connection) -> Incoming {
    match machine.poll_event() {
        Some(Event::Request { call, .. }) => call,
        other => panic!("no request but {other:?}"),
    }
}

pub(crate) fn writables(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Writable(_))).count()
}

pub(crate) fn readables(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Readable(_))).count()
}

pub(crate) fn abandoned(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Abandoned { .. })).count()
}
