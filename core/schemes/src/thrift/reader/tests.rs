use std::string::{String, ToString};

use super::*;
use crate::testing::hex;

fn reading<'a, T>(
    bytes: &'a Bytes,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, String> {
    let mut from = Reader::new(bytes);
    let value = read(&mut from).map_err(|error| error.to_string())?;
    assert_eq!(from.left(), 0, "{bytes:?}");
    Ok(value)
}

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
    assert_eq!(reading(&hex("0b ffffffff"), Reader::list), Err("at byte 0: declares a length of -1".into()));
    assert_eq!(reading(&hex("0b0b ffffffff"), Reader::map), Err("at byte 0: declares a length of -1".into()));
}

#[test]
fn containers_hold_no_more_than_the_bytes_left_can() {
    let head = ListHead { item: Type::I64, len: 2 };
    let bytes = hex("0a 00000002 0000000000000000 0000000000000000");
    assert_eq!(Reader::new(&bytes).list().unwrap(), head);
    let error = Reader::new(&bytes.slice(..20)).list().unwrap_err();
    assert_eq!(error.problem(), &Problem::TooMany { count: 2, size: 8, left: 15 });
    assert_eq!(
        reading(&hex("0b0a 7fffffff 00"), Reader::map),
        Err("at byte 0: declares 2147483647 items of at least 12 bytes, 1 bytes left".into())
    );
}

#[test]
fn unknown_types_are_refused_wherever_they_stand() {
    for byte in [0, 1, 5, 7, 9, 16, 17, 255] {
        let list = Bytes::from([&[byte][..], &[0, 0, 0, 0]].concat());
        assert_eq!(Reader::new(&list).list().unwrap_err().problem(), &Problem::UnknownType(byte));
        let map = Bytes::from([&[2, byte][..], &[0, 0, 0, 0]].concat());
        assert_eq!(Reader::new(&map).map().unwrap_err().problem(), &Problem::UnknownType(byte));
    }
    let error = reading(&hex("10 0007 00"), |from| from.fields(Reader::skip_field));
    assert_eq!(error, Err("#7 at byte 0: has the unknown type 16".into()));
}

#[test]
fn structs_nest_64_levels_and_no_more() {
    let nested = |levels: usize| {
        let mut bytes = std::vec::Vec::new();
        bytes.extend(hex("0c0001").repeat(levels - 1));
        bytes.extend(std::vec![0; levels]);
        Bytes::from(bytes)
    };
    let whole = nested(MAX_DEPTH);
    Reader::new(&whole).skip(Type::Struct).unwrap();
    let error = Reader::new(&nested(MAX_DEPTH + 1)).skip(Type::Struct).unwrap_err();
    assert_eq!((error.problem(), error.at()), (&Problem::TooDeep, 3 * MAX_DEPTH));
    assert_eq!(error.path().steps().count(), MAX_DEPTH);
}

#[test]
fn errors_name_the_way_to_the_fault() {
    let bytes = hex("0d0004 0b0f 00000001 00000001 6b 0b 00000002 00000001 61 00000005 62 00");
    let error = reading(&bytes, |from| {
        from.fields(|from, field| {
            let read = from.value::<super::super::Pairs<String, std::vec::Vec<String>>>(field, "tags");
            read.map(drop)
        })
    });
    assert_eq!(error, Err("tags[value 0][1] at byte 28: needs 5 bytes, 2 left".into()));
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
