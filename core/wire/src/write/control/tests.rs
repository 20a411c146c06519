use super::*;
use crate::{
    Cancel, ErrorFrame, Frame, NO_MESSAGE, init_keys,
    worked::{self, TRACING, hex},
};

fn written(write: impl FnOnce(&mut BytesMut)) -> alloc::vec::Vec<u8> {
    let mut out = BytesMut::new();
    write(&mut out);
    out.to_vec()
}

#[test]
fn worked_frames_are_written() {
    assert_eq!(written(|out| put_ping_req(out, 3)), hex(worked::PING_REQ));
    assert_eq!(written(|out| put_ping_res(out, 3)), hex(worked::PING_RES));
    assert_eq!(written(|out| put_cancel(out, 2, 0, &TRACING, "dropped")), hex(worked::CANCEL));
    assert_eq!(written(|out| put_claim(out, 2, 0, &TRACING)), hex(worked::CLAIM));
    assert_eq!(
        written(|out| put_error(out, 2, ErrorCode::Busy, &TRACING, "too busy")),
        hex(worked::ERROR_BUSY)
    );
    assert_eq!(
        written(|out| put_error(out, NO_MESSAGE, ErrorCode::Fatal, &Tracing::ZERO, "bad size")),
        hex(worked::ERROR_FATAL)
    );
    assert_eq!(
        written(|out| put_error(out, NO_MESSAGE, ErrorCode::Declined, &Tracing::ZERO, "draining: restart")),
        hex(worked::ERROR_DRAINING)
    );
    let pairs = [
        (init_keys::HOST_PORT, "0.0.0.0:0"),
        (init_keys::PROCESS_NAME, "demo[7]"),
        (init_keys::LANGUAGE, "rust"),
        (init_keys::LANGUAGE_VERSION, "1.85.0"),
        (init_keys::VERSION, "0.1.0"),
    ];
    assert_eq!(
        written(|out| put_init(out, FrameType::InitReq, 1, 2, &pairs).unwrap()),
        hex(worked::INIT_REQ)
    );
}

#[test]
fn unknown_error_code_goes_out_as_unexpected() {
    for code in [0, 9, 0xFE, 3] {
        let bytes = written(|out| put_error(out, 1, ErrorCode::Unknown(code), &TRACING, ""));
        assert_eq!(bytes[16], 0x05);
    }
}

#[test]
fn long_error_text_is_cut_between_characters() {
    let mut out = BytesMut::new();
    // 65491 is odd, so the last two-byte character does not fit.
    put_error(&mut out, 1, ErrorCode::Busy, &TRACING, &"é".repeat(40_000));
    let frame = Frame::take(&mut out).unwrap().unwrap();
    let error = ErrorFrame::decode(&frame.body).unwrap();
    assert_eq!(error.message.len(), MAX_ERROR_MESSAGE - 1);
    assert_eq!(error.text(), "é".repeat(32_745));
    put_error(&mut out, 1, ErrorCode::Busy, &TRACING, &"e".repeat(65_491));
    assert_eq!(out.len(), MAX_FRAME);
}

#[test]
fn long_reason_is_cut_between_characters() {
    let mut out = BytesMut::new();
    put_cancel(&mut out, 1, 5, &TRACING, &"é".repeat(200));
    let frame = Frame::take(&mut out).unwrap().unwrap();
    let cancel = Cancel::decode(&frame.body).unwrap();
    assert_eq!((cancel.ttl, cancel.why.as_ref()), (5, "é".repeat(127).as_bytes()));
}

#[test]
fn init_is_refused_without_a_trace() {
    let mut out = BytesMut::from("before");
    let error = put_init(&mut out, FrameType::CallReq, 1, 2, &[]).unwrap_err();
    assert_eq!(error, EncodeError::NoInit { kind: FrameType::CallReq });
    let error = put_init(&mut out, FrameType::InitRes, 1, 2, &[("k", &"v".repeat(65_511))]).unwrap_err();
    assert_eq!(error, EncodeError::FrameSize { size: 65_536 });
    assert_eq!(out, "before");
}
