use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn problem<T>(result: Result<T, ThriftError>) -> Option<ThriftProblem> {
    result.err().map(|error| error.problem)
}

fn skip(kind: u8, bytes: &[u8]) -> Result<usize, ThriftError> {
    let mut reader = Reader::new(bytes);
    reader.skip(kind)?;
    Ok(bytes.len() - reader.rest.len())
}

#[test]
fn fields_are_read_to_the_stop() {
    let mut reader = Reader::new(b"\x08\x00\x01\x00\x00\x00\x07\x0b\xff\xff\x00\x00\x00\x02ab\x00rest");
    let first = reader.field().expect("there").expect("not the end");
    assert_eq!((first, reader.i32()), (Field { kind: kind::I32, id: 1 }, Ok(7)));
    let second = reader.field().expect("there").expect("not the end");
    assert_eq!((second, reader.text()), (Field { kind: kind::STRING, id: -1 }, Ok("ab")));
    assert_eq!(reader.field(), Ok(None));
    let error = reader.end().expect_err("more follows");
    assert_eq!(error.to_string(), "the struct is over, 4 bytes before the end");
}

#[test]
fn value_of_every_type_is_skipped_exactly() {
    for (kind, bytes) in [
        (BOOL, &b"\x01"[..]),
        (BYTE, b"\x01"),
        (DOUBLE, b"12345678"),
        (I16, b"12"),
        (kind::I32, b"1234"),
        (I64, b"12345678"),
        (kind::STRING, b"\0\0\0\x03a\xffc"),
        (kind::STRUCT, b"\x0b\0\x01\0\0\0\x01a\x0c\0\x02\0\0"),
        (MAP, b"\x0b\x06\0\0\0\x02\0\0\0\x01a12\0\0\0\x0034"),
        (MAP, b"\0\0\0\0\0\0"),
        (SET, b"\x03\0\0\0\x0212"),
        (kind::LIST, b"\x0c\0\0\0\x02\0\x02\0\x01\x01\0"),
        (kind::LIST, b"\0\0\0\0\0"),
    ] {
        let more = [bytes, b"more"].concat();
        assert_eq!(skip(kind, &more), Ok(bytes.len()), "type {kind}");
        for cut in 0..bytes.len() {
            assert!(skip(kind, &bytes[..cut]).is_err(), "type {kind} cut at {cut}");
        }
    }
}

#[test]
fn unknown_types_are_refused() {
    for kind in [0, 1, 5, 7, 9, 16, 255] {
        assert_eq!(problem(skip(kind, &[0; 64])), Some(ThriftProblem::UnknownType(kind)));
        let list = [&[kind, 0, 0, 0, 1][..], &[0; 64]].concat();
        assert_eq!(problem(skip(kind::LIST, &list)), Some(ThriftProblem::UnknownType(kind)));
    }
}

#[test]
fn declared_lengths_beyond_the_input_are_refused_before_any_element() {
    for (kind, bytes, length) in [
        (kind::STRING, &b"\0\0\0\x04abc"[..], 4),
        (kind::STRING, b"\xff\xff\xff\xff", -1),
        (kind::STRING, b"\x80\0\0\0", i32::MIN),
        (kind::LIST, b"\x0c\x7f\xff\xff\xff\0\0", i32::MAX),
        (kind::LIST, b"\x08\0\0\0\x0212345", 2),
        (SET, b"\x0a\0\0\0\x01", 1),
        (MAP, b"\x0b\x0b\0\0\0\x02123456789012", 2),
        (MAP, b"\x0b\x0b\xff\xff\xff\xff", -1),
    ] {
        assert_eq!(problem(skip(kind, bytes)), Some(ThriftProblem::Length(length)), "{bytes:?}");
    }
}

#[test]
fn nesting_ends_at_64_levels() {
    let nested = |levels: usize| [b"\x0c\0\x01".repeat(levels - 1), vec![0; levels]].concat();
    assert_eq!(skip(kind::STRUCT, &nested(64)), Ok(4 * 64 - 3));
    assert_eq!(problem(skip(kind::STRUCT, &nested(65))), Some(ThriftProblem::TooDeep));
    assert_eq!(problem(skip(kind::STRUCT, &b"\x0c\0\x01".repeat(100_000))), Some(ThriftProblem::TooDeep));
    let lists: Vec<u8> = b"\x0f\0\0\0\x01".repeat(100_000);
    assert_eq!(problem(skip(kind::LIST, &lists)), Some(ThriftProblem::TooDeep));
}

proptest! {
    #[test]
    fn no_bytes_are_harmful(kind in 0_u8..17, bytes in prop::collection::vec(0_u8..17, 0..200)) {
        if let Ok(taken) = skip(kind, &bytes) {
            prop_assert!(taken <= bytes.len());
            prop_assert_eq!(skip(kind, &bytes[..taken]), Ok(taken));
        }
    }
}
