use std::string::String;
use std::vec::Vec;

use bytes::Bytes;

use super::super::{MAX_DEPTH, Pairs};
use super::*;
use crate::testing::{hex, reading};

#[test]
fn containers_hold_no_more_than_the_bytes_left_can() {
    let head = ListHead { item: Type::I64, len: 2 };
    let bytes = hex("0a 00000002 0000000000000000 0000000000000000");
    assert_eq!(Reader::new(&bytes).list().unwrap(), head);
    let error = Reader::new(&bytes.slice(..20)).list().unwrap_err();
    assert_eq!(error.problem(), &Problem::TooMany { count: 2, size: 8, left: 15 });
    assert_eq!(reading(&hex("0b ffffffff"), Reader::list), Err("at byte 0: declares a length of -1".into()));
    assert_eq!(reading(&hex("0b0b ffffffff"), Reader::map), Err("at byte 0: declares a length of -1".into()));
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
        let mut bytes = Vec::new();
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
            let read = from.value::<Pairs<String, Vec<String>>>(field, "tags");
            read.map(drop)
        })
    });
    assert_eq!(error, Err("tags[value 0][1] at byte 28: needs 5 bytes, 2 left".into()));
}
