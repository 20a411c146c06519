//! Frames of real and of hostile peers, through the rules.

use alloc::vec::Vec;

use bytes::BytesMut;
use tchannel_wire::{ErrorCode, ErrorFrame, Frame, FrameType, Message};

use super::tests::{at, passed};
use super::{MAX_TTL, Request, error_frame};

macro_rules! captured {
    ($file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/frames/", $file))
    };
}

/// Bytes of one line of `tests/frames`, where `61*9` is 61 nine times.
fn bytes(text: &str) -> BytesMut {
    let mut bytes = BytesMut::new();
    for part in text.split_whitespace() {
        let (hex, times) = part.split_once('*').unwrap_or((part, "1"));
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
        let once: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        bytes.extend_from_slice(&once.repeat(times.parse().expect("a count")));
    }
    bytes
}

/// What the rules of the relay make of the frames of one peer towards another. `false`: something was refused.
fn through(frames: &mut BytesMut) -> Option<bool> {
    let mut requests: Vec<(u32, Request)> = Vec::new();
    let mut good = true;
    while let Some(frame) = Frame::take(frames).ok()? {
        let known = requests.iter_mut().find(|(id, _)| *id == frame.id).map(|(_, request)| request);
        good &= match FrameType::from_byte(frame.kind)? {
            FrameType::CallReq => match Request::read(at(0), &frame.body, MAX_TTL) {
                Ok(request) => {
                    passed(&request.first(at(0), 1).expect("in time"));
                    requests.push((frame.id, request));
                    true
                }
                Err(_) => false,
            },
            FrameType::CallReqContinue => known.is_some_and(|request| {
                request.more(&frame.body, 1).is_ok_and(|more| more.is_some_and(|more| passed(&more).0 == 1))
            }),
            FrameType::Error => error_frame(&frame.body, 1, true).is_ok_and(|error| {
                !matches!(passed(&error).1, Message::Error(ErrorFrame { code: ErrorCode::Unknown(_), .. }))
            }),
            FrameType::InitReq
            | FrameType::InitRes
            | FrameType::CallRes
            | FrameType::CallResContinue
            | FrameType::Cancel
            | FrameType::Claim
            | FrameType::PingReq
            | FrameType::PingRes => true,
        };
    }
    frames.is_empty().then_some(good)
}

/// Cases whose harm is done by the connection, not by a frame that a relay would pass on.
const OF_THE_CONNECTION: [&str; 16] = [
    "call-before-init",
    "init-twice",
    "init-no-headers",
    "init-only-host-port",
    "init-hostport-garbage",
    "init-hostport-hostname",
    "init-hostport-empty",
    "response-continue-unknown-id",
    "error-id-ffffffff-fatal",
    "type-0x05",
    "type-0x00",
    "size-0",
    "size-1",
    "size-15",
    "idle-no-init",
    "half-close-after-call",
];

#[test]
fn nothing_that_closes_or_kills_a_captured_server_is_passed_on_as_it_is() {
    let frames = captured!("to-servers.txt");
    let mut harmful = 0;
    for case in frames.split("\n= ").skip(1) {
        let name = case.lines().next().and_then(|line| line.split_once(' ')).expect("a server and a case").1;
        let end = case.lines().find_map(|line| line.strip_prefix("> "));
        if !matches!(end, Some("closed" | "died")) || OF_THE_CONNECTION.contains(&name) {
            continue;
        }
        harmful += 1;
        let mut sent = BytesMut::new();
        case.lines().filter_map(|line| line.strip_prefix("c2s ")).for_each(|line| sent.extend(bytes(line)));
        let passes = through(&mut sent).expect("whole frames");
        // Unknown codes are passed on as known ones, and that is good.
        assert_eq!(passes, name.starts_with("error-code-"), "{name}");
    }
    assert_eq!(harmful, 28);
}

#[test]
fn everything_that_captured_clients_sent_is_passed_on() {
    let groups = [
        captured!("calls.txt"),
        captured!("fragments.txt"),
        captured!("schemes.txt"),
        captured!("streaming.txt"),
        captured!("hyperbahn.txt"),
    ];
    let mut refused = Vec::new();
    for case in groups.iter().flat_map(|group| group.split("\n= ").skip(1)) {
        let name = case.lines().next().expect("a name");
        let mut sent = BytesMut::new();
        let lines = case
            .lines()
            .filter_map(|line| line.split_once(" c2s "))
            .filter(|(connection, _)| *connection == "1");
        lines.for_each(|(_, line)| sent.extend(bytes(line)));
        if through(&mut sent) != Some(true) {
            refused.push(name);
        }
    }
    // The first loses arg3, the second streams without a ttl in one frame.
    assert_eq!(refused, ["node-node boundary-arg2-left0", "python-python stream-error"]);
}
