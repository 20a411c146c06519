use bytes::Bytes;

use super::super::{MAX_DEPTH, Problem};
use super::*;
use crate::testing::hex;

fn skip(kind: Type, bytes: &Bytes) -> Result<usize, DecodeError> {
    let mut from = Reader::new(bytes);
    from.skip(kind).map(|()| from.at())
}

#[test]
fn each_type_is_skipped_to_its_end() {
    for (kind, text) in [
        (Type::Bool, "02"),
        (Type::I8, "7f"),
        (Type::Double, "0000000000000000"),
        (Type::I16, "0000"),
        (Type::I32, "00000000"),
        (Type::I64, "0000000000000000"),
        (Type::Binary, "00000002 ffff"),
        (Type::Struct, "080001 00000001 00"),
        (Type::Map, "0806 00000002 00000001 0001 00000002 0002"),
        (Type::Map, "080b 00000001 00000001 00000001 61"),
        (Type::Set, "03 00000003 010203"),
        (Type::List, "0b 00000002 00000000 00000001 61"),
        (Type::List, "0f 00000002 02 00000001 01 0f 00000000"),
    ] {
        let bytes = hex(text);
        assert_eq!(skip(kind, &bytes), Ok(bytes.len()), "{kind} {text}");
        let longer = Bytes::from([&bytes[..], &[0]].concat());
        assert_eq!(skip(kind, &longer), Ok(bytes.len()), "{kind} {text}");
        for end in 0..bytes.len() {
            assert!(skip(kind, &bytes.slice(..end)).is_err(), "{kind} {text} cut at {end}");
        }
    }
}

#[test]
fn lists_nest_64_levels_and_no_more_even_when_skipped() {
    let nested = |levels: usize| {
        let mut bytes = hex("0f 00000001").repeat(levels - 1);
        bytes.extend(hex("02 00000001 01"));
        Bytes::from(bytes)
    };
    let whole = nested(MAX_DEPTH);
    assert_eq!(skip(Type::List, &whole), Ok(whole.len()));
    let error = skip(Type::List, &nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(error.problem(), &Problem::TooDeep);
}

#[test]
fn two_gigabytes_of_items_that_are_not_there_are_refused_at_once() {
    for (kind, text) in [
        (Type::List, "02 7fffffff 00"),
        (Type::Set, "0c 7fffffff 00"),
        (Type::Map, "0202 7fffffff 0000"),
        (Type::List, "0f 7fffffff 00"),
    ] {
        let error = skip(kind, &hex(text)).unwrap_err();
        assert!(matches!(error.problem(), Problem::TooMany { count: 0x7FFF_FFFF, .. }), "{error}");
    }
}
