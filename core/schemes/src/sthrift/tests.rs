use std::vec;

use proptest::prelude::*;

use super::*;
use crate::testing::hex;
use crate::thrift::{Fault, Fields, List, Type, Value};

fn structs(count: usize) -> Vec<Fields> {
    (0..count).map(|size| Fields(vec![(1, Value::Binary(vec![7; size * 5].into()))])).collect()
}

/// All chunks of `parts`, and whether the stream may end behind them.
fn chunks(parts: impl IntoIterator<Item = Bytes>) -> Result<Vec<Bytes>, Error> {
    let (mut all, mut chunks) = (Vec::new(), Chunks::new());
    for mut part in parts {
        while let Some(chunk) = chunks.take(&mut part)? {
            all.push(chunk);
        }
        assert!(part.is_empty(), "bytes were left: {part:?}");
    }
    chunks.end().map(|()| all)
}

#[test]
fn chunk_is_a_length_and_a_struct() {
    assert_eq!(encode(&Fields::default()).unwrap(), hex("00000001 00"));
    let one = Fields(vec![(1, Value::Binary("foo".into()))]);
    assert_eq!(encode(&one).unwrap(), hex("0000000b 0b0001 00000003 666f6f 00"));
}

#[test]
fn chunk_in_one_part_shares_its_memory() {
    let mut part = hex("00000001 00 00000002 aabb");
    let at = part.as_ptr();
    let mut chunks = Chunks::new();
    assert_eq!(chunks.take(&mut part).unwrap().unwrap(), hex("00"));
    let second = chunks.take(&mut part).unwrap().unwrap();
    assert_eq!((&second[..], second.as_ptr()), (&[0xAA, 0xBB][..], at.wrapping_add(9)));
    assert_eq!(chunks.take(&mut part), Ok(None));
    chunks.end().unwrap();
}

#[test]
fn nothing_at_all_is_a_stream() {
    assert_eq!(chunks([]), Ok(vec![]));
    assert_eq!(chunks([Bytes::new(), Bytes::new()]), Ok(vec![]));
}

#[test]
fn chunk_without_bytes_is_one() {
    assert_eq!(chunks([hex("00000000 00000000")]), Ok(vec![Bytes::new(); 2]));
}

#[test]
fn end_within_a_chunk_is_an_error() {
    let whole = hex("00000003 aabbcc");
    for end in 1..whole.len() {
        assert_eq!(chunks([whole.slice(..end)]), Err(Error::Truncated { got: end }));
        let (a, b) = (whole.slice(..end / 2), whole.slice(end / 2..end));
        assert_eq!(chunks([a, b]), Err(Error::Truncated { got: end }));
    }
}

#[test]
fn chunk_over_16_mib_is_an_error_before_it_arrives() {
    let too_long = Err(Error::TooLong { len: MAX_CHUNK + 1 });
    assert_eq!(chunks([hex("01000001 00")]), too_long);
    assert_eq!(chunks([hex("01"), hex("000001")]), too_long);
    assert_eq!(chunks([hex("ffffffff")]), Err(Error::TooLong { len: 0xFFFF_FFFF }));
    assert_eq!(chunks([hex("01000000 00")]), Err(Error::Truncated { got: 5 }));
    let mut broken = Chunks::new();
    assert_eq!(broken.take(&mut hex("0100")), Ok(None));
    for mut part in [hex("0001"), hex("00"), Bytes::new()] {
        assert_eq!(broken.take(&mut part), Err(Error::TooLong { len: MAX_CHUNK + 1 }));
    }
}

#[test]
fn struct_over_16_mib_is_not_written() {
    let with = |size: usize| Fields(vec![(1, Value::Binary(vec![0; size].into()))]);
    assert_eq!(encode(&with(MAX_CHUNK - 8)).unwrap().len(), 4 + MAX_CHUNK);
    assert_eq!(encode(&with(MAX_CHUNK - 7)), Err(Error::TooLong { len: MAX_CHUNK + 1 }));
}

#[test]
fn struct_that_cannot_be_written_is_no_chunk() {
    let list = List { item: Type::I8, items: vec![Value::Bool(true)] };
    let Err(Error::Encode(error)) = encode(&Fields(vec![(1, Value::List(list))])) else { panic!() };
    assert_eq!(error.fault(), &Fault::WrongType { expected: Type::I8, got: Type::Bool });
}

proptest! {
    #[test]
    fn any_cuts_give_the_same_chunks(count in 0_usize..6, mut cuts in prop::collection::vec(0_usize..200, 0..12)) {
        let structs = structs(count);
        let whole: Bytes = structs.iter().flat_map(|one| encode(one).unwrap()).collect();
        cuts.retain(|cut| *cut <= whole.len());
        cuts.push(whole.len());
        cuts.sort_unstable();
        let mut from = 0;
        let parts: Vec<Bytes> = cuts.iter().map(|to| whole.slice(core::mem::replace(&mut from, *to)..*to)).collect();
        let decoded: Vec<Fields> =
            chunks(parts).unwrap().iter().map(|chunk| crate::thrift::decode(chunk).unwrap()).collect();
        prop_assert_eq!(decoded, structs);
    }
}
