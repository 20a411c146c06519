use alloc::{format, string::ToString};

use proptest::prelude::*;

use super::*;
use crate::{cursor::Cursor, worked::hex};

const NONE: [(&str, &str); 0] = [];

#[test]
fn worked_block_is_written() {
    let block = HeaderBlock::encode([("cid", "hi")]).unwrap();
    assert_eq!(block.as_bytes(), hex("01 03 636964 02 6869").as_slice());
    assert_eq!(HeaderBlock::encode(NONE).unwrap(), HeaderBlock::empty());
    assert_eq!(HeaderBlock::default().as_bytes(), [0].as_slice());
}

#[test]
fn worked_route_is_written() {
    let route = Route::encode("echo", [("cn", "demo"), ("as", "raw")]).unwrap();
    assert_eq!(route.as_bytes(), hex("04 6563686f 02 02 636e 04 64656d6f 02 6173 03 726177").as_slice());
    assert_eq!(route.service(), "echo");
    assert_eq!(route.headers().iter().collect::<Vec<_>>(), [("cn", "demo"), ("as", "raw")]);
    assert_eq!(format!("{route:?}"), r#"Route { service: "echo", headers: {"cn": "demo", "as": "raw"} }"#);
}

#[test]
fn owned_and_borrowed_texts_are_taken() {
    let owned = HeaderBlock::encode(Vec::from([("as".to_string(), "raw".to_string())])).unwrap();
    assert_eq!(owned, HeaderBlock::encode([("as", "raw")]).unwrap());
}

#[test]
fn service_has_1_to_255_bytes() {
    assert_eq!(Route::encode("", NONE), Err(HeaderError::EmptyService));
    assert_eq!(Route::encode(&"s".repeat(255), NONE).unwrap().service().len(), 255);
    assert_eq!(Route::encode(&"s".repeat(256), NONE), Err(HeaderError::ServiceTooLong { len: 256 }));
}

#[test]
fn keys_have_1_to_15_bytes() {
    let key_length = |key: &str| HeaderBlock::encode([("as", "raw"), (key, "")]).unwrap_err();
    assert!(HeaderBlock::encode([("fifteen-bytes-1", "")]).is_ok());
    assert_eq!(key_length(""), HeaderError::KeyLength { key: String::new(), len: 0 });
    let key = "sixteen-bytes-16";
    assert_eq!(key_length(key), HeaderError::KeyLength { key: key.to_owned(), len: 16 });
}

#[test]
fn values_have_up_to_255_bytes() {
    let longest = "v".repeat(255);
    assert_eq!(HeaderBlock::encode([("k", &longest)]).unwrap().headers().get("k"), Some(longest.as_str()));
    let too_long = HeaderError::ValueLength { key: "k".to_owned(), len: 256 };
    assert_eq!(HeaderBlock::encode([("k", "v".repeat(256))]), Err(too_long));
}

#[test]
fn at_most_128_headers_are_written() {
    let pairs = |count: usize| (0..count).map(|n| (format!("k{n}"), "v"));
    assert_eq!(HeaderBlock::encode(pairs(128)).unwrap().headers().len(), 128);
    assert_eq!(HeaderBlock::encode(pairs(129)), Err(HeaderError::TooMany { count: 129 }));
    let endless = core::iter::repeat(("k", "v"));
    assert_eq!(HeaderBlock::encode(endless), Err(HeaderError::TooMany { count: 129 }));
}

#[test]
fn keys_are_written_once() {
    let duplicate = HeaderError::Duplicate { key: "as".to_owned() };
    assert_eq!(HeaderBlock::encode([("as", "raw"), ("cn", "demo"), ("as", "raw")]), Err(duplicate.clone()));
    assert_eq!(Route::encode("echo", [("as", "raw"), ("as", "json")]), Err(duplicate));
}

#[test]
fn received_key_of_16_bytes_is_not_sent_on() {
    let block = HeaderBlock::checked(hex("01 10 7369787465656e2d62797465732d3136 00").into());
    let too_long = HeaderError::KeyLength { key: "sixteen-bytes-16".to_owned(), len: 16 };
    assert_eq!(sendable(block.headers()), Err(too_long));
    assert_eq!(sendable(HeaderBlock::encode([("as", "raw")]).unwrap().headers()), Ok(()));
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("[a-dé]{0,9}", "\\PC{0,90}"), 0..12)
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_what_is_refused_would_not(service in "\\PC{0,8}", pairs in pairs()) {
        let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        let distinct = keys.windows(2).all(|pair| pair[0] != pair[1]);
        let fits = pairs.iter().all(|(key, value)| (1..=15).contains(&key.len()) && value.len() <= 255);
        match Route::encode(&service, pairs.clone()) {
            Ok(route) => {
                prop_assert!(distinct && fits && !service.is_empty());
                prop_assert_eq!(route.service(), service.as_str());
                let read: Vec<(String, String)> =
                    route.headers().iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
                prop_assert_eq!(read, pairs);
                let mut cursor = Cursor::new(route.as_bytes());
                prop_assert_eq!(check_route(&mut cursor), Ok(&route.as_bytes()[..]));
                prop_assert!(cursor.rest().is_empty());
            }
            Err(_) => prop_assert!(!(distinct && fits) || service.is_empty()),
        }
    }
}

#[test]
fn route_with_a_key_of_16_bytes_is_received_but_not_sendable() {
    let encoded = b"\x01s\x02\x02cn\x01c\x100123456789abcdef\x00";
    assert_eq!(Route(Bytes::from_static(encoded)).headers().get("0123456789abcdef"), Some(""));
    assert!(!Route(Bytes::from_static(encoded)).is_sendable());
    let longest = Route::encode("s", [("cn", "c"), ("0123456789abcde", "")]).unwrap();
    assert!(longest.is_sendable());
}
