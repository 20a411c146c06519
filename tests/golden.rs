//! What tchannel-node 4.0.1 and tchannel-python 2.1.0 put on the wire, and what the codec makes of it.

mod golden {
    pub(crate) mod captures;
    pub(crate) mod faults;
}

use std::collections::{BTreeMap, BTreeSet};

use bytes::{Bytes, BytesMut};
use golden::captures::{FAULTY, GROUPS, Scenario, Sender, Sent, read};
use golden::faults::{Verdict, documented};
use tchannel_capture::{Decoder, Limits};
use tchannel_wire::{
    CallReq, CallRes, Checksum, Chunks, Continue, EncodeError, Flags, Fragment, Frame, FrameType, Malformed,
    Message,
};

fn ordinary() -> impl Iterator<Item = Scenario> {
    GROUPS.into_iter().flat_map(read)
}

fn faulty() -> impl Iterator<Item = Scenario> {
    FAULTY.into_iter().flat_map(read)
}

#[test]
fn all_captures_are_there() {
    assert_eq!(ordinary().map(|scenario| scenario.sent.len()).sum::<usize>(), 718);
    assert_eq!(faulty().count(), 310);
    assert!(faulty().all(|case| case.reaction.is_some()));
}

#[test]
fn every_captured_frame_decodes() {
    for scenario in ordinary() {
        for sent in &scenario.sent {
            let frame = sent.frame().expect("one whole frame");
            let message =
                Message::decode(&frame).unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
            assert!(message.is_some(), "{}", scenario.name);
        }
    }
}

/// What can be received, but would not be sent: error codes without a meaning, which kill a tchannel-node process.
const NOT_SENT: [(&str, u8); 8] = [
    ("to-servers: node-lazy error-code-0", 0),
    ("to-servers: node-lazy error-code-66", 66),
    ("to-servers: node error-code-0", 0),
    ("to-servers: node error-code-66", 66),
    ("to-servers: python error-code-0", 0),
    ("to-servers: python error-code-66", 66),
    ("to-clients: node error-code-0", 0),
    ("to-clients: python error-code-0", 0),
];

#[test]
fn every_decoded_frame_encodes_to_the_same_bytes() {
    let mut refused = Vec::new();
    for scenario in ordinary().chain(faulty()) {
        for sent in &scenario.sent {
            let Some(frame) = sent.frame() else { continue };
            let Ok(Some(message)) = Message::decode(&frame) else { continue };
            let mut out = BytesMut::new();
            match message.encode(frame.id, &mut out) {
                Ok(()) => assert_eq!(out, sent.bytes, "{}", scenario.name),
                Err(EncodeError::ErrorCode { code }) => refused.push((scenario.name.clone(), code)),
                Err(error) => panic!("{}: {error}", scenario.name),
            }
        }
    }
    refused.sort_unstable();
    let mut expected = NOT_SENT.map(|(name, code)| (name.to_owned(), code));
    expected.sort_unstable();
    assert_eq!(refused, expected);
}

#[test]
fn every_captured_call_frame_is_built_piece_by_piece() {
    let mut built = 0;
    for scenario in ordinary() {
        for sent in &scenario.sent {
            let frame = sent.frame().expect("one whole frame");
            let message = Message::decode(&frame).unwrap().expect("a known type");
            if let Some(bytes) = build(frame.id, &message) {
                assert_eq!(bytes, sent.bytes, "{}", scenario.name);
                built += 1;
            }
        }
    }
    assert_eq!(built, 362);
}

/// A call frame by [`Fragment`]; `None` for other frames.
fn build(id: u32, message: &Message) -> Option<BytesMut> {
    let mut out = BytesMut::new();
    let (flags, checksum, chunks, mut fragment) = match message {
        Message::CallReq(CallReq { flags, ttl, tracing, route, checksum, chunks }) => {
            (flags, checksum, chunks, Fragment::call_req(&mut out, id, *ttl, tracing, route, checksum.kind))
        }
        Message::CallRes(CallRes { flags, code, tracing, headers, checksum, chunks }) => (
            flags,
            checksum,
            chunks,
            Fragment::call_res(&mut out, id, *code, tracing, headers, checksum.kind),
        ),
        Message::CallReqContinue(Continue { flags, checksum, chunks }) => {
            (flags, checksum, chunks, Fragment::call_req_continue(&mut out, id, checksum.kind))
        }
        Message::CallResContinue(Continue { flags, checksum, chunks }) => {
            (flags, checksum, chunks, Fragment::call_res_continue(&mut out, id, checksum.kind))
        }
        Message::InitReq(_)
        | Message::InitRes(_)
        | Message::Cancel(_)
        | Message::Claim(_)
        | Message::PingReq
        | Message::PingRes
        | Message::Error(_) => return None,
    };
    for chunk in chunks.iter() {
        fragment.open_chunk(&mut out);
        fragment.copy(&mut out, &chunk);
    }
    assert!(flags.more() || *flags == Flags::NONE);
    let size = fragment.finish(&mut out, flags.more(), checksum.value);
    assert_eq!(size, out.len());
    Some(out)
}

/// Running checksums of the messages in one conversation.
#[derive(Default)]
struct Sums {
    running: BTreeMap<(u32, Sender, u32), Checksum>,
}

impl Sums {
    /// Verifies a frame's checksum, if it has one, after those before it.
    fn verify(&mut self, sent: &Sent, id: u32, message: &Message) -> Result<(), Malformed> {
        let key = (sent.connection, sent.by, id);
        match message {
            Message::CallReq(CallReq { checksum, chunks, .. })
            | Message::CallRes(CallRes { checksum, chunks, .. }) => {
                self.running.insert(key, Checksum { kind: checksum.kind, value: 0 });
                self.advance(key, *checksum, chunks)
            }
            Message::CallReqContinue(Continue { checksum, chunks, .. })
            | Message::CallResContinue(Continue { checksum, chunks, .. }) => {
                self.advance(key, *checksum, chunks)
            }
            Message::InitReq(_)
            | Message::InitRes(_)
            | Message::Cancel(_)
            | Message::Claim(_)
            | Message::PingReq
            | Message::PingRes
            | Message::Error(_) => Ok(()),
        }
    }

    /// A continuation of nothing, or of another type of checksum, is left to the layer above.
    fn advance(
        &mut self,
        key: (u32, Sender, u32),
        checksum: Checksum,
        chunks: &Chunks,
    ) -> Result<(), Malformed> {
        let Some(running) = self.running.get_mut(&key).filter(|running| running.kind == checksum.kind) else {
            return Ok(());
        };
        running.value = checksum.verify(chunks, running.value)?;
        Ok(())
    }
}

#[test]
fn every_checksum_verifies_along_its_message() {
    let mut kinds = BTreeSet::new();
    for scenario in ordinary() {
        let mut sums = Sums::default();
        for sent in &scenario.sent {
            let frame = sent.frame().expect("one whole frame");
            let message = Message::decode(&frame).unwrap().expect("a known type");
            sums.verify(sent, frame.id, &message)
                .unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
        }
        kinds.extend(sums.running.values().map(|checksum| checksum.kind.byte()));
    }
    assert_eq!(kinds, BTreeSet::from([0, 1, 2, 3]), "every type is among them");
}

#[test]
fn any_chunking_gives_the_same_frames() {
    for scenario in ordinary() {
        for (_, stream) in scenario.streams() {
            let whole = frames(&stream, stream.len());
            for step in [1, 2, 15, 17, 4096] {
                assert_eq!(frames(&stream, step), whole, "{}, {step} bytes at a time", scenario.name);
            }
        }
    }
}

fn frames(stream: &[u8], step: usize) -> Vec<Frame> {
    let mut input = BytesMut::new();
    let mut frames = Vec::new();
    for part in stream.chunks(step) {
        input.extend_from_slice(part);
        while let Some(frame) = Frame::take(&mut input).expect("sizes are legal") {
            frames.push(frame);
        }
    }
    assert!(input.is_empty(), "nothing is left over");
    frames
}

#[test]
fn e13_frames_that_end_early_never_decode_to_more_than_is_there() {
    let bodies: BTreeSet<(u8, Bytes)> = ordinary()
        .chain(faulty())
        .flat_map(|scenario| scenario.sent.into_iter().filter_map(|sent| sent.frame()).collect::<Vec<_>>())
        .map(|frame| (frame.kind, frame.body))
        .collect();
    for (kind, body) in bodies {
        for len in 0..body.len() {
            let frame = Frame { kind, id: 1, body: body.slice(..len) };
            match Message::decode(&frame) {
                Ok(None) => assert_eq!(FrameType::from_byte(kind), None),
                Ok(Some(message)) => assert!(may_end_early(&message, len), "{len} bytes of {message:?}"),
                Err(malformed) => assert!(malformed.offset <= len),
            }
        }
    }
}

/// A call frame may end between two chunks, a cancel may be empty, and pings carry nothing.
fn may_end_early(message: &Message, len: usize) -> bool {
    match message {
        Message::CallReq(CallReq { chunks, .. })
        | Message::CallRes(CallRes { chunks, .. })
        | Message::CallReqContinue(Continue { chunks, .. })
        | Message::CallResContinue(Continue { chunks, .. }) => chunks.as_bytes().len() < len,
        Message::Cancel(_) => len == 0,
        Message::PingReq | Message::PingRes => true,
        Message::InitReq(_) | Message::InitRes(_) | Message::Claim(_) | Message::Error(_) => false,
    }
}

#[test]
fn each_fault_made_by_hand_gets_its_documented_verdict() {
    for scenario in faulty() {
        let by = if scenario.name.starts_with("to-servers") { Sender::Client } else { Sender::Server };
        let case = scenario.name.rsplit(' ').next().expect("a case name");
        let mut sums = Sums::default();
        let mut verdicts = Vec::new();
        for sent in scenario.sent.iter().filter(|sent| sent.by == by) {
            verdicts.extend(verdict(sent, &mut sums));
        }
        assert_eq!(verdicts, Vec::from_iter(documented(case)), "{}", scenario.name);
    }
}

/// Cases whose every frame is good, and whose message is not: too few arguments or too many, a checksum type that changes
/// on the way.
const FAULTS_OF_MESSAGES: [&str; 4] =
    ["args-missing-then-last", "csum-type-changes", "res-four-args", "two-args-only"];

#[test]
fn a_dump_of_each_fault_is_told_as_one() {
    let mut of_messages = BTreeSet::new();
    for scenario in faulty() {
        let by = if scenario.name.starts_with("to-servers") { Sender::Client } else { Sender::Server };
        let case = scenario.name.rsplit(' ').next().expect("a case name");
        let mut decoder = Decoder::dump(Limits::default());
        for sent in scenario.sent.iter().filter(|sent| sent.by == by) {
            decoder.push(&sent.bytes);
        }
        decoder.finish();
        while decoder.poll().is_some() {}
        let told = decoder.counters().faults > 0;
        if documented(case).is_none() {
            of_messages.extend(told.then(|| case.to_owned()));
        } else {
            assert!(told, "{}", scenario.name);
        }
    }
    assert_eq!(of_messages, FAULTS_OF_MESSAGES.into_iter().map(str::to_owned).collect());
}

#[test]
fn every_answer_to_a_fault_is_good() {
    for scenario in faulty() {
        let by = if scenario.name.starts_with("to-servers") { Sender::Server } else { Sender::Client };
        let mut sums = Sums::default();
        for sent in scenario.sent.iter().filter(|sent| sent.by == by) {
            assert_eq!(verdict(sent, &mut sums), None, "{}", scenario.name);
        }
    }
}

fn verdict(sent: &Sent, sums: &mut Sums) -> Option<Verdict> {
    let mut input = BytesMut::from(sent.bytes.as_ref());
    match Frame::take(&mut input) {
        Err(malformed) => Some(Verdict::Malformed(malformed)),
        Ok(None) => Some(Verdict::Incomplete),
        Ok(Some(frame)) => match Message::decode(&frame) {
            Err(malformed) => Some(Verdict::Malformed(malformed)),
            Ok(None) => Some(Verdict::UnknownType(frame.kind)),
            Ok(Some(message)) => sums.verify(sent, frame.id, &message).err().map(Verdict::Malformed),
        },
    }
}
