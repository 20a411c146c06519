use std::string::ToString;
use std::vec;

use super::super::{decode, encode};
use super::*;
use crate::testing::hex;

fn sample() -> Fields {
    let list = List { item: Type::I16, items: vec![Value::I16(1), Value::I16(2)] };
    let map = Map {
        key: Type::Binary,
        value: Type::Set,
        pairs: vec![(
            Value::Binary("k".into()),
            Value::Set(List { item: Type::Bool, items: vec![Value::Bool(true)] }),
        )],
    };
    Fields(vec![
        (1, Value::List(list)),
        (-2, Value::Map(map)),
        (3, Value::Struct(Fields(vec![(1, Value::Double(1.5))]))),
        (4, Value::I8(-1)),
        (5, Value::I32(1)),
        (6, Value::I64(1)),
    ])
}

#[test]
fn values_have_their_bytes_and_come_back() {
    let bytes = hex("0f0001 06 00000002 0001 0002  0dfffe 0b0e 00000001 00000001 6b 02 00000001 01  \
         0c0003 040001 3ff8000000000000 00  030004 ff  080005 00000001  0a0006 0000000000000001  00");
    assert_eq!(encode(&sample()).unwrap(), bytes);
    assert_eq!(decode::<Fields>(&bytes).unwrap(), sample());
}

#[test]
fn empty_containers_keep_their_types() {
    let empty = Fields(vec![
        (1, Value::List(List { item: Type::Struct, items: vec![] })),
        (2, Value::Map(Map { key: Type::I8, value: Type::Map, pairs: vec![] })),
    ]);
    let bytes = hex("0f0001 0c 00000000 0d0002 030d 00000000 00");
    assert_eq!(encode(&empty).unwrap(), bytes);
    assert_eq!(decode::<Fields>(&bytes).unwrap(), empty);
}

#[test]
fn a_container_of_several_types_is_not_written() {
    let list = List { item: Type::I16, items: vec![Value::I16(1), Value::Bool(true)] };
    let error = encode(&Fields(vec![(7, Value::List(list))])).unwrap_err();
    assert_eq!(error.to_string(), "struct.#7[1] has the type bool, its container holds i16");
    let pairs = vec![(Value::I8(1), Value::I8(1))];
    let map = Map { key: Type::I8, value: Type::I16, pairs };
    let error = encode(&Fields(vec![(7, Value::Map(map))])).unwrap_err();
    assert_eq!(error.to_string(), "struct.#7[value 0] has the type i8, its container holds i16");
}

#[test]
fn look_ups_find_the_last_of_a_kind() {
    let fields = Fields(vec![(1, Value::I8(1)), (1, Value::I8(2))]);
    assert_eq!(fields.get(1), Some(&Value::I8(2)));
    assert_eq!(fields.get(2), None);
    let pairs = vec![(Value::I8(1), Value::Bool(false)), (Value::I8(1), Value::Bool(true))];
    let map = Map { key: Type::I8, value: Type::Bool, pairs };
    assert_eq!(map.get(&Value::I8(1)), Some(&Value::Bool(true)));
    assert_eq!(map.get(&Value::I8(2)), None);
}
