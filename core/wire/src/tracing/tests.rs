use super::*;
use crate::worked::hex;

const BYTES: &str = "0102030405060708 1112131415161718 2122232425262728 81";

#[test]
fn order_is_span_parent_trace_flags() {
    let tracing = Tracing {
        span_id: 0x0102_0304_0506_0708,
        parent_id: 0x1112_1314_1516_1718,
        trace_id: 0x2122_2324_2526_2728,
        flags: 0x81,
    };
    let bytes: [u8; Tracing::LEN] = hex(BYTES).try_into().unwrap();
    assert_eq!(Tracing::decode(bytes), tracing);
    assert_eq!(tracing.encode(), bytes);
}

#[test]
fn zeros_are_no_trace() {
    assert_eq!(Tracing::decode([0; Tracing::LEN]), Tracing::ZERO);
    assert_eq!(Tracing::default(), Tracing::ZERO);
}

#[test]
fn sampled_is_the_lowest_bit() {
    assert!(Tracing { flags: 0x01, ..Tracing::ZERO }.is_sampled());
    assert!(Tracing { flags: 0xFF, ..Tracing::ZERO }.is_sampled());
    assert!(!Tracing { flags: 0xFE, ..Tracing::ZERO }.is_sampled());
}
