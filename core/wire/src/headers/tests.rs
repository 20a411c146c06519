use alloc::vec::Vec;

use super::*;
use crate::worked::hex;

#[test]
fn worked_block_reads_in_order() {
    let block = hex("02 02 636e 04 64656d6f 02 6173 03 726177");
    let headers = Headers::new(&block);
    assert_eq!(headers.iter().collect::<Vec<_>>(), [("cn", "demo"), ("as", "raw")]);
    assert_eq!((headers.len(), headers.is_empty()), (2, false));
    assert_eq!(headers.get("as"), Some("raw"));
    assert_eq!(headers.get("re"), None);
    assert_eq!(headers.get(""), None);
    assert_eq!(alloc::format!("{headers:?}"), r#"{"cn": "demo", "as": "raw"}"#);
}

#[test]
fn keys_are_told_apart_by_case() {
    let block = hex("01 02 4153 03 726177");
    assert_eq!(Headers::new(&block).get("as"), None);
    assert_eq!(Headers::new(&block).get("AS"), Some("raw"));
}

#[test]
fn empty_block_has_no_headers() {
    let headers = Headers::new(&[0]);
    assert_eq!((headers.len(), headers.is_empty(), headers.iter().next()), (0, true, None));
}

#[test]
fn empty_value_is_a_value() {
    assert_eq!(Headers::new(&hex("01 02 7265 00")).get("re"), Some(""));
}
