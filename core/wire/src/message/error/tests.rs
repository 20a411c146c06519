use super::*;
use crate::worked::{ERROR_BUSY, ERROR_DRAINING, ERROR_FATAL, TRACING, body, hex};

#[test]
fn worked_errors_decode() {
    let busy = ErrorFrame::decode(&body(ERROR_BUSY)).unwrap();
    let message = Bytes::from_static(b"too busy");
    assert_eq!(busy, ErrorFrame { code: ErrorCode::Busy, tracing: TRACING, message });
    let fatal = ErrorFrame::decode(&body(ERROR_FATAL)).unwrap();
    assert_eq!(
        (fatal.code, fatal.tracing, fatal.text().as_ref()),
        (ErrorCode::Fatal, Tracing::ZERO, "bad size")
    );
    let draining = ErrorFrame::decode(&body(ERROR_DRAINING)).unwrap();
    assert_eq!((draining.code, draining.text().as_ref()), (ErrorCode::Declined, "draining: restart"));
}

#[test]
fn longest_text_is_65491_bytes() {
    assert_eq!(MAX_ERROR_MESSAGE, 65_491);
}

#[test]
fn text_is_read_lossily() {
    let mut bytes = body(ERROR_BUSY).to_vec();
    let at = bytes.len() - 1;
    bytes[at] = 0xFF;
    assert_eq!(ErrorFrame::decode(&bytes.into()).unwrap().text(), "too bus\u{FFFD}");
}

#[test]
fn unknown_code_is_kept() {
    let mut bytes = body(ERROR_BUSY).to_vec();
    bytes[0] = 0;
    assert_eq!(ErrorFrame::decode(&bytes.into()).unwrap().code, ErrorCode::Unknown(0));
}

#[test]
fn bytes_behind_the_text_are_ignored() {
    let mut bytes = body(ERROR_BUSY).to_vec();
    bytes.extend(hex("ffff"));
    assert_eq!(ErrorFrame::decode(&bytes.into()).unwrap().text(), "too busy");
}

#[test]
fn truncated_error_is_malformed() {
    let whole = body(ERROR_BUSY);
    for len in 0..whole.len() {
        assert_eq!(ErrorFrame::decode(&whole.slice(..len)).unwrap_err().frame, Some(FrameType::Error));
    }
}
