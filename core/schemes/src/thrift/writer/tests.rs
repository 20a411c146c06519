use std::string::ToString;

use super::super::{Fields, List, Value};
use super::*;
use crate::testing::hex;

#[test]
fn scalars_have_their_bytes() {
    let mut to = Writer::new();
    to.bool(true);
    to.i8(-1);
    to.i16(-2);
    to.i32(256);
    to.i64(i64::MIN);
    to.double(1.5);
    to.text("hé").unwrap();
    assert_eq!(to.into_bytes(), hex("01 ff fffe 00000100 8000000000000000 3ff8000000000000 00000003 68c3a9"));
}

#[test]
fn containers_have_their_bytes() {
    let mut to = Writer::behind(std::vec![0xAA]);
    to.items(Type::I16, [1, 2].into_iter(), |to, item| {
        to.i16(item);
        Ok(())
    })
    .unwrap();
    to.pairs(
        (Type::Bool, Type::I8),
        [(true, 7)].into_iter(),
        |to, key| {
            to.bool(key);
            Ok(())
        },
        |to, value| {
            to.i8(value);
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(to.into_vec(), hex("aa  06 00000002 0001 0002  0203 00000001 01 07"));
}

fn nested(levels: usize) -> Fields {
    (1..levels).fold(Fields::default(), |inner, _| Fields(std::vec![(1, Value::Struct(inner))]))
}

#[test]
fn what_no_peer_could_read_is_refused() {
    super::super::encode(&nested(MAX_DEPTH)).unwrap();
    let error = super::super::encode(&nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(error.fault(), &Fault::TooDeep);
    assert_eq!(error.path().steps().count(), MAX_DEPTH);
    let deep = (1..MAX_DEPTH).fold(Value::Bool(true), |inner, _| {
        Value::List(List { item: inner.kind(), items: std::vec![inner] })
    });
    super::super::encode(&Fields(std::vec![(1, deep.clone())])).unwrap();
    let list = Value::Set(List { item: deep.kind(), items: std::vec![deep] });
    let error = super::super::encode(&Fields(std::vec![(1, list)])).unwrap_err();
    assert!(error.to_string().starts_with("struct.#1[0][0]"), "{error}");
}
