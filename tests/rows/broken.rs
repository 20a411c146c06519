//! Frames that arrive other than they were sent: what it costs, and whom.

use tchannel_rpc::wire::{FrameType, Message, NO_MESSAGE, init_keys, put_error, put_init};
use tchannel_rpc::{BytesMut, Channel, ErrorCode, Origin, Reject, Reply, Request, RetryFlags, Tracing};

use super::line::{By, Seen};
use super::net::{ENDPOINT, Net, SERVICE, Server, answers, block_on, echoes, refuses, settle};

async fn pair(net: &Net) -> (Server, Channel) {
    let server = net.server(echoes).await;
    let client = net.client(&[&server]);
    (server, client)
}

/// The next call goes well, over the same connection.
async fn goes_on(net: &Net, client: &Channel) {
    net.line.leave_alone();
    assert_eq!(client.call(SERVICE, ENDPOINT).arg3("on").send().await.unwrap().body(), "on");
    assert_eq!(net.line.network().connects(), 1);
}

/// Flips a bit of the last byte of frames of one type.
fn flipping(kind: FrameType) -> impl FnMut(&Seen, BytesMut) -> BytesMut {
    move |seen, mut bytes| {
        if seen.message.frame_type() == kind {
            *bytes.last_mut().expect("a frame has bytes") ^= 1;
        }
        bytes
    }
}

#[test]
fn e7_a_request_with_a_flipped_bit_is_a_bad_request() {
    block_on(async {
        let net = Net::new();
        let (_server, client) = pair(&net).await;
        for kind in [tchannel_rpc::ChecksumKind::Crc32, tchannel_rpc::ChecksumKind::Crc32c] {
            net.line.tamper(flipping(FrameType::CallReq));
            let call = client.call(SERVICE, ENDPOINT).checksum(kind).arg3("body");
            let error = call.send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote));
            let text = format!("invalid checksum (type {}) expected: ", kind.byte());
            assert!(error.message().starts_with(&text), "{error}");
            goes_on(&net, &client).await;
        }
    });
}

#[test]
fn e7_a_response_with_a_flipped_bit_is_a_bad_request_found_here() {
    block_on(async {
        let net = Net::new();
        let (_server, client) = pair(&net).await;
        net.line.tamper(flipping(FrameType::CallRes));
        let error = client.call(SERVICE, ENDPOINT).arg3("body").send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local));
        assert!(error.message().contains("invalid checksum"), "{error}");
        assert_eq!(error.attempts(), 1);
        goes_on(&net, &client).await;
    });
}

#[test]
fn e7_without_a_checksum_nothing_is_found() {
    block_on(async {
        let net = Net::new();
        let (_server, client) = pair(&net).await;
        net.line.tamper(flipping(FrameType::CallReq));
        let call = client.call(SERVICE, ENDPOINT).checksum(tchannel_rpc::ChecksumKind::None).arg3("a");
        assert_eq!(call.send().await.unwrap().body(), "`");
    });
}

#[test]
fn e9_unknown_error_codes_keep_their_byte_and_are_not_retried() {
    block_on(async {
        let net = Net::new();
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let good = net.server(answers("second")).await;
        let client = net.ordered(&[&busy, &good]);
        for byte in [0, 66] {
            net.line.tamper(move |seen, mut bytes| {
                if let Message::Error(_) = seen.message {
                    bytes[16] = byte;
                }
                bytes
            });
            let flags = RetryFlags { connection: true, timeout: true };
            let error = client.call(SERVICE, ENDPOINT).retry(flags).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Unknown(byte), Origin::Remote));
            assert_eq!((error.message(), error.attempts()), ("as asked", 1));
        }
        assert_eq!(net.line.network().connects(), 1);
        assert_eq!(net.asked(&good), 0);
    });
}

#[test]
fn e9_a_code_that_the_protocol_does_not_name_is_never_sent() {
    block_on(async {
        let net = Net::new();
        let server = net.server(|request: Request| async move {
            let byte = request.body()[0];
            Err::<Reply, _>(Reject::new(ErrorCode::Unknown(byte), "odd"))
        });
        let server = server.await;
        let client = net.client(&[&server]);
        for byte in [0, 9, 66] {
            let error = client.call(SERVICE, ENDPOINT).arg3(vec![byte]).send().await.unwrap_err();
            assert_eq!((error.code(), error.message()), (ErrorCode::Unexpected, "odd"));
            assert_eq!(net.line.errors().pop().unwrap().1.code.byte(), 5);
        }
    });
}

/// Headers of an init frame.
type Pairs = &'static [(&'static str, &'static str)];

/// Puts an init frame with other fields in the place of the one of this type.
fn introducing(
    kind: FrameType,
    version: u16,
    id: u32,
    pairs: Pairs,
) -> impl FnMut(&Seen, BytesMut) -> BytesMut {
    move |seen, bytes| {
        if seen.message.frame_type() != kind {
            return bytes;
        }
        let mut other = BytesMut::new();
        put_init(&mut other, kind, id, version, pairs).expect("it can be written");
        other
    }
}

const NAMED: (&str, &str) = (init_keys::HOST_PORT, "127.0.0.1:1");
const PROCESS: (&str, &str) = (init_keys::PROCESS_NAME, "other[1]");

#[test]
fn e10_a_bad_init_res_fails_the_calls_that_wait_for_it() {
    let rows: [(u16, u32, Pairs, &str); 5] = [
        (1, 1, &[NAMED, PROCESS], "version 1"),
        (3, 1, &[NAMED, PROCESS], "version 3"),
        (2, 2, &[NAMED, PROCESS], "id 2"),
        (2, 1, &[PROCESS], "header host_port is missing"),
        (2, 1, &[NAMED], "header process_name is missing"),
    ];
    for (version, id, pairs, text) in rows {
        block_on(async {
            let net = Net::new();
            let (server, client) = pair(&net).await;
            net.line.tamper(introducing(FrameType::InitRes, version, id, pairs));
            let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Fatal, Origin::Local), "{error}");
            assert!(error.message().contains(text), "{error}");
            net.line.leave_alone();
            assert!(client.call(SERVICE, ENDPOINT).host(server.at).send().await.is_ok());
        });
    }
}

#[test]
fn e10_a_bad_init_req_is_answered_by_a_fatal_error() {
    let rows: [(u16, Pairs, &str); 3] = [
        (1, &[NAMED, PROCESS], "version 1"),
        (2, &[PROCESS], "header host_port is missing"),
        (2, &[NAMED], "header process_name is missing"),
    ];
    for (version, pairs, text) in rows {
        block_on(async {
            let net = Net::new();
            let (_server, client) = pair(&net).await;
            net.line.tamper(introducing(FrameType::InitReq, version, 1, pairs));
            let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
            let (id, frame) = net.line.errors().pop().unwrap();
            assert_eq!((id, frame.code, frame.tracing), (NO_MESSAGE, ErrorCode::Fatal, Tracing::ZERO));
            assert!(frame.text().contains(text), "{frame:?}");
            assert_eq!((error.code(), error.origin()), (ErrorCode::Fatal, Origin::Remote), "{error}");
            assert!(error.message().contains(text), "{error}");
        });
    }
}

#[test]
fn e10_good_handshakes_of_other_kinds_are_taken() {
    let rows: [(FrameType, u16, Pairs); 4] = [
        (FrameType::InitReq, 3, &[NAMED, PROCESS]),
        (FrameType::InitReq, 2, &[(init_keys::HOST_PORT, "nonsense"), PROCESS]),
        (FrameType::InitReq, 2, &[NAMED, PROCESS, ("extra", "x")]),
        (FrameType::InitRes, 2, &[(init_keys::HOST_PORT, "0.0.0.0:0"), PROCESS]),
    ];
    for (kind, version, pairs) in rows {
        block_on(async {
            let net = Net::new();
            let (_server, client) = pair(&net).await;
            net.line.tamper(introducing(kind, version, 1, pairs));
            assert!(client.call(SERVICE, ENDPOINT).send().await.is_ok(), "{kind} {version} {pairs:?}");
        });
    }
}

#[test]
fn e10_an_error_frame_in_place_of_the_init_res_is_what_the_call_gets() {
    for id in [1, NO_MESSAGE] {
        block_on(async {
            let net = Net::new();
            let (_server, client) = pair(&net).await;
            net.line.tamper(move |seen, bytes| {
                if seen.message.frame_type() != FrameType::InitRes {
                    return bytes;
                }
                let mut other = BytesMut::new();
                put_error(&mut other, id, ErrorCode::Declined, &Tracing::ZERO, "not you");
                other
            });
            let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Declined, Origin::Remote), "{error}");
            assert_eq!(error.message(), "not you");
        });
    }
}

#[test]
fn e14_a_continuation_without_a_call_is_ignored() {
    /// flags 0, no checksum, one empty chunk, for id 77.
    const STRAY: [u8; 20] = [0, 20, 0x13, 0, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    block_on(async {
        let net = Net::new();
        let (_server, client) = pair(&net).await;
        for stray_type in [FrameType::CallReqContinue, FrameType::CallResContinue] {
            let from = if stray_type == FrameType::CallReqContinue { By::Dialler } else { By::Acceptor };
            net.line.tamper(move |seen, bytes| {
                let is_call = matches!(seen.message, Message::CallReq(_) | Message::CallRes(_));
                if !is_call || seen.by != from {
                    return bytes;
                }
                let mut stray = STRAY;
                stray[2] = stray_type.byte();
                let mut both = BytesMut::from(&stray[..]);
                both.extend_from_slice(&bytes);
                both
            });
            assert_eq!(client.call(SERVICE, ENDPOINT).arg3("x").send().await.unwrap().body(), "x");
        }
        settle().await;
        assert!(net.line.errors().is_empty());
        goes_on(&net, &client).await;
    });
}
