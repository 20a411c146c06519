//! Any Thrift values, against the Apache implementation: both write the same bytes and read the same values.

use bytes::Bytes;
use proptest::prelude::*;
use tchannel_schemes::thrift::{Fields, List, Map, MapHead, Reader, Type, Value, decode, encode};
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TFieldIdentifier, TInputProtocol, TListIdentifier,
    TMapIdentifier, TOutputProtocol, TSetIdentifier, TStructIdentifier, TType,
};

const KINDS: [Type; 11] = [
    Type::Bool,
    Type::I8,
    Type::Double,
    Type::I16,
    Type::I32,
    Type::I64,
    Type::Binary,
    Type::Struct,
    Type::Map,
    Type::Set,
    Type::List,
];

/// A type whose values may hold others down to `depth`; scalars only at 0.
fn kinds(depth: u32) -> impl Strategy<Value = Type> {
    prop::sample::select(if depth == 0 { &KINDS[..7] } else { &KINDS[..] })
}

fn fields(depth: u32) -> BoxedStrategy<Fields> {
    let field = (any::<i16>(), kinds(depth).prop_flat_map(move |kind| values(kind, depth)));
    prop::collection::vec(field, 0..5).prop_map(Fields).boxed()
}

fn lists(depth: u32) -> BoxedStrategy<List> {
    let inner = depth.saturating_sub(1);
    kinds(inner)
        .prop_flat_map(move |item| {
            prop::collection::vec(values(item, inner), 0..5).prop_map(move |items| List { item, items })
        })
        .boxed()
}

fn maps(depth: u32) -> BoxedStrategy<Map> {
    let inner = depth.saturating_sub(1);
    (kinds(inner), kinds(inner))
        .prop_flat_map(move |(key, value)| {
            prop::collection::vec((values(key, inner), values(value, inner)), 0..5)
                .prop_map(move |pairs| Map { key, value, pairs })
        })
        .boxed()
}

fn values(kind: Type, depth: u32) -> BoxedStrategy<Value> {
    match kind {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::I8 => any::<i8>().prop_map(Value::I8).boxed(),
        // Not NaN, which equals nothing.
        Type::Double => (prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::INFINITE)
            .prop_map(Value::Double)
            .boxed(),
        Type::I16 => any::<i16>().prop_map(Value::I16).boxed(),
        Type::I32 => any::<i32>().prop_map(Value::I32).boxed(),
        Type::I64 => any::<i64>().prop_map(Value::I64).boxed(),
        Type::Binary => {
            prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| Value::Binary(bytes.into())).boxed()
        }
        Type::Struct => fields(depth.saturating_sub(1)).prop_map(Value::Struct).boxed(),
        Type::Map => maps(depth).prop_map(Value::Map).boxed(),
        Type::Set => lists(depth).prop_map(Value::Set).boxed(),
        Type::List => lists(depth).prop_map(Value::List).boxed(),
    }
}

fn apache_type(kind: Type) -> TType {
    match kind {
        Type::Bool => TType::Bool,
        Type::I8 => TType::I08,
        Type::Double => TType::Double,
        Type::I16 => TType::I16,
        Type::I32 => TType::I32,
        Type::I64 => TType::I64,
        Type::Binary => TType::String,
        Type::Struct => TType::Struct,
        Type::Map => TType::Map,
        Type::Set => TType::Set,
        Type::List => TType::List,
    }
}

fn our_type(kind: TType) -> Type {
    *KINDS.iter().find(|ours| apache_type(**ours) == kind).expect("a type that both have")
}

fn len(count: usize) -> i32 {
    i32::try_from(count).expect("a short container")
}

fn apache_write(value: &Value, to: &mut impl TOutputProtocol) -> thrift::Result<()> {
    match value {
        Value::Bool(value) => to.write_bool(*value),
        Value::I8(value) => to.write_i8(*value),
        Value::I16(value) => to.write_i16(*value),
        Value::I32(value) => to.write_i32(*value),
        Value::I64(value) => to.write_i64(*value),
        Value::Double(value) => to.write_double(*value),
        Value::Binary(value) => to.write_bytes(value),
        Value::List(list) => {
            to.write_list_begin(&TListIdentifier::new(apache_type(list.item), len(list.items.len())))?;
            list.items.iter().try_for_each(|item| apache_write(item, to))
        }
        Value::Set(list) => {
            to.write_set_begin(&TSetIdentifier::new(apache_type(list.item), len(list.items.len())))?;
            list.items.iter().try_for_each(|item| apache_write(item, to))
        }
        Value::Map(map) => {
            let (key, value) = (apache_type(map.key), apache_type(map.value));
            to.write_map_begin(&TMapIdentifier::new(key, value, len(map.pairs.len())))?;
            map.pairs.iter().try_for_each(|(key, value)| {
                apache_write(key, to)?;
                apache_write(value, to)
            })
        }
        Value::Struct(fields) => {
            to.write_struct_begin(&TStructIdentifier::new(""))?;
            for (id, value) in &fields.0 {
                to.write_field_begin(&TFieldIdentifier::new("", apache_type(value.kind()), *id))?;
                apache_write(value, to)?;
                to.write_field_end()?;
            }
            to.write_field_stop()?;
            to.write_struct_end()
        }
    }
}

fn apache_read(kind: Type, from: &mut impl TInputProtocol) -> thrift::Result<Value> {
    let items = |item: Option<TType>, count, from: &mut _| {
        let item = our_type(item.expect("a type"));
        let items = (0..count).map(|_| apache_read(item, from)).collect::<thrift::Result<_>>()?;
        thrift::Result::Ok(List { item, items })
    };
    Ok(match kind {
        Type::Bool => Value::Bool(from.read_bool()?),
        Type::I8 => Value::I8(from.read_i8()?),
        Type::Double => Value::Double(from.read_double()?),
        Type::I16 => Value::I16(from.read_i16()?),
        Type::I32 => Value::I32(from.read_i32()?),
        Type::I64 => Value::I64(from.read_i64()?),
        Type::Binary => Value::Binary(from.read_bytes()?.into()),
        Type::List => {
            let head = from.read_list_begin()?;
            Value::List(items(Some(head.element_type), head.size, from)?)
        }
        Type::Set => {
            let head = from.read_set_begin()?;
            Value::Set(items(Some(head.element_type), head.size, from)?)
        }
        Type::Map => {
            let head = from.read_map_begin()?;
            let key = our_type(head.key_type.expect("binary maps say it"));
            let value = our_type(head.value_type.expect("binary maps say it"));
            let pairs = (0..head.size)
                .map(|_| Ok((apache_read(key, from)?, apache_read(value, from)?)))
                .collect::<thrift::Result<_>>()?;
            Value::Map(Map { key, value, pairs })
        }
        Type::Struct => {
            let mut fields = Vec::new();
            from.read_struct_begin()?;
            loop {
                let head = from.read_field_begin()?;
                if head.field_type == TType::Stop {
                    break Value::Struct(Fields(fields));
                }
                let id = head.id.expect("fields have ids");
                fields.push((id, apache_read(our_type(head.field_type), from)?));
                from.read_field_end()?;
            }
        }
    })
}

/// A value as Apache writes it.
fn apache_bytes(fields: &Fields) -> Bytes {
    let mut out = Vec::new();
    let mut to = TBinaryOutputProtocol::new(&mut out, true);
    apache_write(&Value::Struct(fields.clone()), &mut to).expect("it can be written");
    out.into()
}

/// What Apache reads, and the bytes it leaves.
fn apache_value(bytes: &Bytes) -> thrift::Result<Value> {
    let mut from = TBinaryInputProtocol::new(&bytes[..], true);
    apache_read(Type::Struct, &mut from)
}

/// Compares by bytes, so that NaN equals itself.
fn same(a: &Fields, b: &Value) -> bool {
    let Value::Struct(b) = b else { return false };
    encode(a).expect("it was read") == encode(b).expect("it was read")
}

proptest! {
    #[test]
    fn both_write_the_same_bytes_and_read_the_same_value(fields in fields(4)) {
        let bytes = encode(&fields).unwrap();
        prop_assert_eq!(&bytes, &apache_bytes(&fields));
        prop_assert_eq!(&decode::<Fields>(&bytes).unwrap(), &fields);
        prop_assert_eq!(apache_value(&bytes).unwrap(), Value::Struct(fields));
    }

    #[test]
    fn every_cut_is_an_error_and_a_skip_ends_where_a_read_does(fields in fields(3)) {
        let bytes = encode(&fields).unwrap();
        let longer = Bytes::from([&bytes[..], b"behind"].concat());
        let mut from = Reader::new(&longer);
        from.skip(Type::Struct).unwrap();
        prop_assert_eq!(from.at(), bytes.len());
        for end in 0..bytes.len() {
            let cut = bytes.slice(..end);
            prop_assert!(decode::<Fields>(&cut).is_err());
            prop_assert!(Reader::new(&cut).skip(Type::Struct).is_err());
        }
    }

    #[test]
    fn what_we_take_of_spoilt_bytes_apache_takes_alike(
        fields in fields(3),
        spoils in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = encode(&fields).unwrap().to_vec();
        for (at, byte) in spoils {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let bytes = Bytes::from(bytes);
        let read = decode::<Fields>(&bytes);
        let mut from = Reader::new(&bytes);
        let skipped = from.skip(Type::Struct).is_ok() && from.left() == 0;
        prop_assert_eq!(read.is_ok(), skipped);
        if let Ok(read) = read {
            // Apache takes no bool but 0 and 1; we and other implementations take any.
            if let Ok(theirs) = apache_value(&bytes) {
                prop_assert!(same(&read, &theirs), "{read:?} {theirs:?}");
            } else {
                prop_assert!(encode(&read).unwrap() != bytes, "Apache refuses what we wrote");
            }
        }
    }

    #[test]
    fn any_bytes_give_a_value_or_an_error(bytes: Vec<u8>) {
        let bytes = Bytes::from(bytes);
        for kind in KINDS {
            let (mut read, mut skip) = (Reader::new(&bytes), Reader::new(&bytes));
            let value = Value::read(&mut read, kind);
            prop_assert_eq!(value.is_ok(), skip.skip(kind).is_ok());
            if value.is_ok() {
                prop_assert_eq!(read.at(), skip.at());
            }
        }
        if let Ok(MapHead { len, .. }) = Reader::new(&bytes).map() {
            prop_assert!(2 * len <= bytes.len());
        }
    }
}
