use std::string::ToString;

use super::*;
use crate::testing::{hex, reading};

#[test]
fn scalars_are_big_endian_and_signed() {
    assert_eq!(reading(&hex("ff"), Reader::i8), Ok(-1));
    assert_eq!(reading(&hex("fffe"), Reader::i16), Ok(-2));
    assert_eq!(reading(&hex("00000100"), Reader::i32), Ok(256));
    assert_eq!(reading(&hex("8000000000000000"), Reader::i64), Ok(i64::MIN));
    assert_eq!(reading(&hex("3ff8000000000000"), Reader::double), Ok(1.5));
}

#[test]
fn any_byte_but_zero_is_true() {
    assert_eq!(reading(&hex("00"), Reader::bool), Ok(false));
    for byte in ["01", "02", "ff"] {
        assert_eq!(reading(&hex(byte), Reader::bool), Ok(true));
    }
}

#[test]
fn binaries_are_slices_of_the_message() {
    let bytes = hex("00000003 666f6f");
    let binary = Reader::new(&bytes).binary().unwrap();
    assert_eq!(&binary[..], b"foo");
    assert_eq!(binary.as_ptr(), bytes.as_ptr().wrapping_add(4));
}

#[test]
fn text_that_is_not_utf8_is_refused_and_a_binary_is_not() {
    assert_eq!(reading(&hex("00000002 c328"), Reader::text), Err("at byte 0: is not UTF-8".into()));
    assert_eq!(reading(&hex("00000002 c328"), Reader::binary), Ok(hex("c328")));
}

#[test]
fn lengths_below_zero_and_beyond_the_end_are_refused() {
    assert_eq!(reading(&hex("ffffffff"), Reader::binary), Err("at byte 0: declares a length of -1".into()));
    assert_eq!(
        reading(&hex("80000000"), Reader::text),
        Err("at byte 0: declares a length of -2147483648".into())
    );
    assert_eq!(
        reading(&hex("7fffffff 61"), Reader::binary),
        Err("at byte 4: needs 2147483647 bytes, 1 left".into())
    );
}

#[test]
fn memory_is_granted_up_to_the_limit() {
    let bytes = hex("00");
    let mut from = Reader::with_memory(&bytes, 16);
    from.claim::<u64>(1).unwrap();
    from.claim::<u64>(1).unwrap();
    let error = from.claim::<u8>(1).unwrap_err();
    assert_eq!(error.to_string(), "at byte 0: takes 1 bytes of memory, 0 are left to it");
    assert!(Reader::new(&bytes).claim::<u64>(usize::MAX).is_err());
}
