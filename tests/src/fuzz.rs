//! What the fuzz targets do with their bytes. The committed corpus is replayed through the same functions by a test.

use bytes::{Bytes, BytesMut};
use tchannel_proto::wire::{Frame, FrameHeader, FrameType, Message, salvage_more, salvage_tracing};

use crate::laws::check_codec;
use crate::scenario::{Menu, compare, generate, run};
use crate::source::{Source, Tape};
use crate::trace::Trace;
use crate::world::Manner;

mod capture;
mod cassette;
mod connection;
mod idl;
mod schemes;

pub use capture::capture;
pub use cassette::cassette;
pub use connection::connection;
pub use idl::idl;
pub use schemes::{scheme_http, scheme_json, scheme_thrift};

/// A target by name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets, under the names of their corpus directories.
pub const TARGETS: [Target; 12] = [
    ("frame", frame),
    ("message", message),
    ("connection", connection),
    ("pair", pair),
    ("args", args),
    ("channel", channel),
    ("capture", capture),
    ("cassette", cassette),
    ("idl", idl),
    ("scheme_json", scheme_json),
    ("scheme_thrift", scheme_thrift),
    ("scheme_http", scheme_http),
];

/// Inputs that the corpus of a target begins with, where they are not made from seeds.
pub fn samples(target: &str) -> Vec<Vec<u8>> {
    match target {
        "capture" => capture::samples(),
        "idl" => idl::samples(),
        _ => schemes::samples(target),
    }
}

/// Frames off a stream: any chunking gives the same, and the decoder takes whatever is in them.
pub fn frame(data: &[u8]) {
    let mut whole = BytesMut::from(data);
    let mut frames = Vec::new();
    let end = loop {
        match Frame::take(&mut whole) {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => break None,
            Err(malformed) => break Some(malformed),
        }
    };
    for frame in &frames {
        check_codec(frame);
    }
    let (mut stream, mut again) = (BytesMut::new(), Vec::new());
    for byte in data {
        stream.extend_from_slice(&[*byte]);
        match Frame::take(&mut stream) {
            Ok(Some(frame)) => again.push(frame),
            Ok(None) => {}
            Err(malformed) => {
                assert_eq!(Some(malformed), end, "law 1: the stream breaks differently");
                break;
            }
        }
    }
    assert_eq!(frames, again, "law 1: byte by byte gives other frames");
    if let Ok(Some(header)) = FrameHeader::peek(data) {
        assert!(header.size >= 16, "law 7: a frame of {} bytes", header.size);
    }
}

/// One message: the first byte picks its type, the rest is its body.
pub fn message(data: &[u8]) {
    let Some((kind, body)) = data.split_first() else { return };
    let kind = match FrameType::ALL.get(usize::from(*kind)) {
        Some(kind) => kind.byte(),
        None => *kind,
    };
    let body = Bytes::copy_from_slice(body);
    let (_, _) = (salvage_tracing(&body), salvage_more(&body));
    let Some(message) = check_codec(&Frame { kind, id: 7, body }) else { return };
    if let Message::CallReq(call) = &message {
        let headers = call.route.headers();
        let (_, _, _) = (headers.scheme(), headers.retry(), headers.speculative());
        assert!(call.chunks.iter().eq(call.chunks.iter_slices()), "law 7: chunks differ from their slices");
    }
    if let Message::CallRes(call) = &message {
        let headers = call.headers.headers();
        assert_eq!(headers.iter().count(), headers.len(), "law 7: header count");
    }
    if let Message::Error(error) = &message {
        assert!(error.text().len() <= 3 * error.message.len(), "law 7: lossy text grew out of bounds");
    }
}

/// Two machines or more and all that can happen to them, chunking included.
pub fn pair(data: &[u8]) {
    compared(data, Menu::All);
}

/// Streamed calls and what can be done to them.
pub fn args(data: &[u8]) {
    compared(data, Menu::Streams);
}

/// A mesh of channels, and all that can happen to it.
pub fn channel(data: &[u8]) {
    let mut tape = Tape::new(data);
    let seed = u64::from(tape.byte());
    let scenario = crate::mesh::generate(&mut tape, crate::mesh::Menu::All);
    crate::mesh::compare(&scenario, seed);
}

fn compared(data: &[u8], menu: Menu) {
    let mut tape = Tape::new(data);
    let seed = u64::from(tape.byte());
    let scenario = generate(&mut tape, menu);
    let plain = run(&scenario, Manner::default(), &Trace::hashing());
    compare(&scenario, seed, plain);
}
