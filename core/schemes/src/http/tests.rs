use std::string::ToString;
use std::vec;

use proptest::prelude::*;

use super::*;
use crate::testing::hex;
use LengthOrder::{LeastSignificantFirst, MostSignificantFirst};

const ORDERS: [LengthOrder; 2] = [MostSignificantFirst, LeastSignificantFirst];

fn request(url: &str) -> Request {
    Request { method: "GET".into(), url: url.into(), headers: Headers::new() }
}

fn response(status: u16, message: &str) -> Response {
    Response { status, message: message.into(), headers: Headers::new() }
}

#[test]
fn golden_request_and_response_have_their_bytes() {
    for order in ORDERS {
        assert_eq!(request("/a").encode(order).unwrap(), hex("03 474554 02 2f61 0000"));
        assert_eq!(response(200, "OK").encode(order).unwrap(), hex("00c8 02 4f4b 0000"));
    }
    assert_eq!(Request::decode(&hex("03 474554 02 2f61 0000")).unwrap(), request("/a"));
    assert_eq!(Response::decode(&hex("00c8 02 4f4b 0000")).unwrap(), response(200, "OK"));
}

#[test]
fn headers_have_their_bytes_and_keep_order_and_repetition() {
    let headers = [("Set-Cookie", "a=1"), ("b", ""), ("set-cookie", "c=2")].into_iter().collect();
    let whole = Response { headers, ..response(204, "") };
    let bytes = whole.encode(MostSignificantFirst).unwrap();
    assert_eq!(
        bytes,
        hex(
            "00cc 00 0003  000a 5365742d436f6f6b6965 0003 613d31  0001 62 0000  000a 7365742d636f6f6b6965 0003 633d32"
        )
    );
    assert_eq!(Response::decode(&bytes).unwrap(), whole);
}

#[test]
fn long_lengths_go_out_in_the_order_asked_for_and_come_in_in_both() {
    let url = "x".repeat(300);
    let most = request(&url).encode(MostSignificantFirst).unwrap();
    let least = request(&url).encode(LeastSignificantFirst).unwrap();
    assert_eq!((&most[4..6], &least[4..6]), (&[0x82, 0x2C][..], &[0xAC, 0x02][..]));
    for bytes in [most, least] {
        assert_eq!(Request::decode(&bytes).unwrap(), request(&url));
    }
}

#[test]
fn least_significant_first_is_for_go_alone() {
    assert_eq!(LengthOrder::of("go"), LeastSignificantFirst);
    for language in ["node", "python", "rust", "", "Go"] {
        assert_eq!(LengthOrder::of(language), MostSignificantFirst);
    }
}

#[test]
fn what_both_orders_read_is_read_most_significant_first() {
    // 130 bytes of URL and a header, or 257 bytes of URL and none.
    let bytes = [&[0, 0x81, 0x02][..], &[b'u'; 130], &[0, 1, 0, 0, 0, 123], &[b'v'; 121], &[0, 0]].concat();
    let request = Request::decode(&bytes.into()).unwrap();
    assert_eq!((request.url.len(), request.headers.len()), (130, 1));
}

#[test]
fn every_cut_is_an_error() {
    let headers = [("name", "value")].into_iter().collect();
    let request = Request { headers, ..request("/path") };
    let bytes = request.encode(MostSignificantFirst).unwrap();
    for end in 0..bytes.len() {
        let error = Request::decode(&bytes.slice(..end)).unwrap_err();
        assert!(matches!(error, Error::Truncated { at, .. } if at <= end), "{end}: {error}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let request = |text| Request::decode(&hex(text)).unwrap_err().to_string();
    assert_eq!(request("03 474554 02 2f61 0000 00"), "1 bytes are left over after the last header");
    assert_eq!(request("03 474554 7f 2f61 0000"), "url at byte 5: needs 127 bytes, 4 left");
    assert_eq!(request("00 ffffffffffff"), "url at byte 1: its length has more than 5 bytes");
    assert_eq!(request("00 ffff"), "url at byte 1: needs 3 bytes, 2 left");
    assert_eq!(request("00 ffffffff7f 0000"), "url at byte 6: needs 34359738367 bytes, 2 left");
    assert_eq!(request("01 ff 00 0000"), "method is not UTF-8");
    assert_eq!(request("00 01 ff 0000"), "url is not UTF-8");
    assert_eq!(request("00 00 0001 0001 ff 0000"), "header name is not UTF-8");
    assert_eq!(request("00 00 ffff 0001 61 0000"), "header name at byte 9: needs 2 bytes, 0 left");
}

#[test]
fn status_has_three_digits() {
    for status in [0, 99, 1000, 0xFFFF] {
        assert_eq!(response(status, "").encode(MostSignificantFirst), Err(Error::Status(status)));
        let [high, low] = status.to_be_bytes();
        let bytes = Bytes::from(vec![high, low, 0, 0, 0]);
        assert_eq!(Response::decode(&bytes), Err(Error::Status(status)));
    }
    for status in [100, 999] {
        let bytes = response(status, "").encode(MostSignificantFirst).unwrap();
        assert_eq!(Response::decode(&bytes).unwrap().status, status);
    }
}

#[test]
fn what_does_not_fit_is_not_written() {
    let method = Request { method: "m".repeat(256), ..Request::default() };
    let error = method.encode(MostSignificantFirst).unwrap_err();
    assert_eq!(error.to_string(), "method has a length of 256, at most 255 is allowed");
    let mut long = request("/");
    long.headers.push("n", vec![0; 65_536]);
    let too_long = Error::TooLong { part: Part::HeaderValue, len: 65_536, limit: 65_535 };
    assert_eq!(long.encode(MostSignificantFirst), Err(too_long));
    let mut many = request("/");
    for _ in 0..65_536 {
        many.headers.push("", "");
    }
    let too_many = Error::TooLong { part: Part::HeaderCount, len: 65_536, limit: 65_535 };
    assert_eq!(many.encode(MostSignificantFirst), Err(too_many));
}

proptest! {
    #[test]
    fn what_was_written_in_either_order_is_read(
        method in "[A-Z]{0,9}",
        url in ".{0,400}",
        headers in prop::collection::vec(("[a-zA-Z-]{0,12}", prop::collection::vec(any::<u8>(), 0..20)), 0..6),
        order in prop::sample::select(&ORDERS[..]),
    ) {
        let request = Request { method, url, headers: headers.into_iter().collect() };
        let bytes = request.encode(order).unwrap();
        let read = Request::decode(&bytes).unwrap();
        // Bytes that both orders take whole are ambiguous; then the first order counts.
        prop_assert!(read == request || read.encode(MostSignificantFirst).unwrap() == bytes);
        prop_assert!(order == LeastSignificantFirst || read == request);
    }
}
