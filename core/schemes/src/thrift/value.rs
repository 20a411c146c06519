//! Values that no IDL is needed for.

use alloc::vec::Vec;

use bytes::Bytes;

use super::error::{DecodeError, EncodeError, Fault};
use super::path::Step;
use super::typed::room;
use super::{Reader, Struct, Type, Wire, Writer};

/// Any value, as the wire has it: fields have ids and no names, enums are numbers, strings are not told from binaries.
///
/// Read back from what it wrote it is equal, order of items, pairs and fields included.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A bool.
    Bool(bool),
    /// A signed byte.
    I8(i8),
    /// Two bytes, signed.
    I16(i16),
    /// Four bytes, signed; enums, too.
    I32(i32),
    /// Eight bytes, signed.
    I64(i64),
    /// A double.
    Double(f64),
    /// A string or a binary: the wire does not say which.
    Binary(Bytes),
    /// A list.
    List(List),
    /// A set.
    Set(List),
    /// A map.
    Map(Map),
    /// A struct, union or exception.
    Struct(Fields),
}

/// The items of a list or a set.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// Type of every item; also an empty list has one.
    pub item: Type,
    /// The items.
    pub items: Vec<Value>,
}

/// The pairs of a map, in the order of the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Type of every key; also an empty map has one.
    pub key: Type,
    /// Type of every value.
    pub value: Type,
    /// The pairs. Nothing keeps a key from being there twice.
    pub pairs: Vec<(Value, Value)>,
}

/// The fields of a struct by their ids, in the order of the wire.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(pub Vec<(i16, Value)>);

impl Value {
    /// Its type.
    pub const fn kind(&self) -> Type {
        match self {
            Self::Bool(_) => Type::Bool,
            Self::I8(_) => Type::I8,
            Self::I16(_) => Type::I16,
            Self::I32(_) => Type::I32,
            Self::I64(_) => Type::I64,
            Self::Double(_) => Type::Double,
            Self::Binary(_) => Type::Binary,
            Self::List(_) => Type::List,
            Self::Set(_) => Type::Set,
            Self::Map(_) => Type::Map,
            Self::Struct(_) => Type::Struct,
        }
    }

    /// Reads a value of a known type, without a head.
    pub fn read(from: &mut Reader<'_>, kind: Type) -> Result<Self, DecodeError> {
        Ok(match kind {
            Type::Bool => Self::Bool(from.bool()?),
            Type::I8 => Self::I8(from.i8()?),
            Type::I16 => Self::I16(from.i16()?),
            Type::I32 => Self::I32(from.i32()?),
            Type::I64 => Self::I64(from.i64()?),
            Type::Double => Self::Double(from.double()?),
            Type::Binary => Self::Binary(from.binary()?),
            Type::List => Self::List(List::read(from)?),
            Type::Set => Self::Set(List::read(from)?),
            Type::Map => Self::Map(Map::read(from)?),
            Type::Struct => Self::Struct(Fields::read(from)?),
        })
    }

    /// Writes the value, without a head. Refuses a container with a value that is not of its type.
    pub fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        match self {
            Self::Bool(value) => to.bool(*value),
            Self::I8(value) => to.i8(*value),
            Self::I16(value) => to.i16(*value),
            Self::I32(value) => to.i32(*value),
            Self::I64(value) => to.i64(*value),
            Self::Double(value) => to.double(*value),
            Self::Binary(value) => return to.binary(value),
            Self::List(list) | Self::Set(list) => return list.write(to),
            Self::Map(map) => return map.write(to),
            Self::Struct(fields) => return fields.write(to),
        }
        Ok(())
    }

    fn write_as(&self, kind: Type, to: &mut Writer) -> Result<(), EncodeError> {
        if self.kind() == kind {
            return self.write(to);
        }
        Err(EncodeError::new(Fault::WrongType { expected: kind, got: self.kind() }))
    }
}

impl List {
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = from.list()?;
        let mut items = room(from, head.len)?;
        from.each_item(head, |from| Value::read(from, head.item).map(|item| items.push(item)))?;
        Ok(Self { item: head.item, items })
    }

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.items(self.item, self.items.iter(), |to, item| item.write_as(self.item, to))
    }
}

impl Map {
    /// The value of a key; the last one's, where it is there twice. Compares with every key.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.pairs.iter().rev().find_map(|(k, value)| (k == key).then_some(value))
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = from.map()?;
        let mut pairs = room(from, head.len)?;
        from.each_pair(
            head,
            |from| Value::read(from, head.key),
            |from, key| Value::read(from, head.value).map(|value| pairs.push((key, value))),
        )?;
        Ok(Self { key: head.key, value: head.value, pairs })
    }

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.pairs(
            (self.key, self.value),
            self.pairs.iter().map(|(key, value)| (key, value)),
            |to, key| key.write_as(self.key, to),
            |to, value| value.write_as(self.value, to),
        )
    }
}

impl Fields {
    /// The value of a field; the last one's, where its id is there twice. Compares with every id.
    pub fn get(&self, id: i16) -> Option<&Value> {
        self.0.iter().rev().find_map(|(field, value)| (*field == id).then_some(value))
    }
}

impl Wire for Fields {
    const TYPE: Type = Type::Struct;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.fields(|to| {
            for (id, value) in &self.0 {
                to.field_head(*id, value.kind());
                value.write(to).map_err(|error| error.within(Step::unnamed(*id)))?;
            }
            Ok(())
        })
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut fields = Vec::new();
        from.fields(|from, field| {
            // A list of one has room for four.
            from.claim::<(i16, Value)>(if fields.is_empty() { 4 } else { 1 })?;
            let value = Value::read(from, field.kind);
            fields.push((field.id, value.map_err(|error| error.within(Step::unnamed(field.id)))?));
            Ok(())
        })?;
        Ok(Self(fields))
    }
}

impl Struct for Fields {
    const NAME: &'static str = "struct";
}

#[cfg(test)]
mod tests;
