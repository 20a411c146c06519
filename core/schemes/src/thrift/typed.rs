//! Rust types that stand for Thrift values.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::error::{DecodeError, EncodeError};
use super::{MapHead, Reader, Type, Writer};

/// A type whose values are Thrift values of one type.
///
/// Generated code implements it for structs and enums (an enum is an [`I32`](Type::I32)); here it is done for:
///
/// | Thrift | Rust |
/// |---|---|
/// | bool, i8, i16, i32, i64, double | `bool`, `i8`, `i16`, `i32`, `i64`, `f64` |
/// | string | `String`, checked to be UTF-8 |
/// | binary | `Bytes`, a slice of the message |
/// | list | `Vec` |
/// | set, map | `BTreeSet`, `BTreeMap`; [`Items`] and [`Pairs`], in the order of the wire, where keys have no order |
/// | any | `Box`, for types that contain themselves |
///
/// A `BTreeSet` or `BTreeMap` is written in its own order. Of two equal keys received, the last one's value counts.
pub trait Wire: Sized {
    /// The type on the wire.
    const TYPE: Type;

    /// Writes the value, without a head.
    fn write(&self, to: &mut Writer) -> Result<(), EncodeError>;

    /// Reads a value, without a head.
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// A struct, union or exception: a type that can be a whole message.
pub trait Struct: Wire {
    /// Its name in the IDL, which errors give.
    const NAME: &'static str;
}

/// A set in the order of the wire. Nothing keeps an item from being there twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Items<T>(pub Vec<T>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A map in the order of the wire. Nothing keeps a key from being there twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs<K, V>(pub Vec<(K, V)>);

impl<K, V> Default for Pairs<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

macro_rules! scalar {
    ($($rust:ty, $kind:ident, $method:ident;)*) => {$(
        impl Wire for $rust {
            const TYPE: Type = Type::$kind;

            #[inline]
            fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
                to.$method(*self);
                Ok(())
            }

            #[inline]
            fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                from.$method()
            }
        }
    )*};
}

scalar! {
    bool, Bool, bool;
    i8, I8, i8;
    i16, I16, i16;
    i32, I32, i32;
    i64, I64, i64;
    f64, Double, double;
}

impl Wire for String {
    const TYPE: Type = Type::Binary;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.text(self)
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.text().map(Self::from)
    }
}

impl Wire for Bytes {
    const TYPE: Type = Type::Binary;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.binary(self)
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.binary()
    }
}

impl<T: Wire> Wire for Box<T> {
    const TYPE: Type = T::TYPE;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        T::write(self, to)
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.claim::<T>(1)?;
        T::read(from).map(Self::new)
    }
}

impl<T: Wire> Wire for Vec<T> {
    const TYPE: Type = Type::List;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.items(T::TYPE, self.iter(), |to, item| item.write(to))
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = from.list()?;
        expect(from, head.len, T::TYPE, head.item)?;
        let mut items = room(from, head.len)?;
        from.each_item(head, |from| T::read(from).map(|item| items.push(item)))?;
        Ok(items)
    }
}

impl<T: Wire> Wire for Items<T> {
    const TYPE: Type = Type::Set;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        self.0.write(to)
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Wire::read(from).map(Self)
    }
}

impl<T: Wire + Ord> Wire for BTreeSet<T> {
    const TYPE: Type = Type::Set;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.items(T::TYPE, self.iter(), |to, item| item.write(to))
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = from.list()?;
        expect(from, head.len, T::TYPE, head.item)?;
        from.claim::<T>(room_of_tree(head.len))?;
        let mut items = Self::new();
        from.each_item(head, |from| {
            items.insert(T::read(from)?);
            Ok(())
        })?;
        Ok(items)
    }
}

impl<K: Wire, V: Wire> Wire for Pairs<K, V> {
    const TYPE: Type = Type::Map;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        let pairs = self.0.iter().map(|(key, value)| (key, value));
        to.pairs((K::TYPE, V::TYPE), pairs, |to, key| key.write(to), |to, value| value.write(to))
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = pairs_of::<K, V>(from)?;
        let mut pairs = room(from, head.len)?;
        from.each_pair(head, K::read, |from, key| V::read(from).map(|value| pairs.push((key, value))))?;
        Ok(Self(pairs))
    }
}

impl<K: Wire + Ord, V: Wire> Wire for BTreeMap<K, V> {
    const TYPE: Type = Type::Map;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.pairs((K::TYPE, V::TYPE), self.iter(), |to, key| key.write(to), |to, value| value.write(to))
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = pairs_of::<K, V>(from)?;
        from.claim::<(K, V)>(room_of_tree(head.len))?;
        let mut pairs = Self::new();
        from.each_pair(head, K::read, |from, key| {
            pairs.insert(key, V::read(from)?);
            Ok(())
        })?;
        Ok(pairs)
    }
}

fn pairs_of<K: Wire, V: Wire>(from: &mut Reader<'_>) -> Result<MapHead, DecodeError> {
    let head = from.map()?;
    expect(from, head.len, K::TYPE, head.key)?;
    expect(from, head.len, V::TYPE, head.value)?;
    Ok(head)
}

/// A list for `len` values, their memory claimed. It has room for a few, and grows when there are more.
pub(super) fn room<T>(from: &mut Reader<'_>, len: usize) -> Result<Vec<T>, DecodeError> {
    const FEW: usize = 4;
    from.claim::<T>(len)?;
    Ok(Vec::with_capacity(len.min(FEW)))
}

/// How many keys a tree of `len` keys has room for: its nodes have eleven places, and may be half full.
const fn room_of_tree(len: usize) -> usize {
    match len {
        0 => 0,
        1..6 => 12,
        _ => 2 * len,
    }
}

/// Whether a container holds what it should; an empty one may say what it likes.
fn expect(from: &Reader<'_>, len: usize, expected: Type, got: Type) -> Result<(), DecodeError> {
    if len > 0 && expected != got { Err(from.wrong_type(expected, got)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
