//! A bound on what a body takes in memory: the values in its containers are counted by the size of their types.

mod access;
mod visitor;

use core::cell::Cell;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, Visitor};

/// Bytes that the values of one argument may still take.
pub(super) struct Memory(Cell<usize>);

impl Memory {
    /// For an argument of `len` bytes: 64 MiB and sixteen times its size.
    ///
    /// Well-meant bodies stay below sixteenfold growth unless they are all one-digit numbers; up to the 64 MiB that does not
    /// matter. `[[0],[0],…]` grows eightyfold.
    pub(super) fn of(len: usize) -> Self {
        Self(Cell::new(len.saturating_mul(16).saturating_add(64 << 20)))
    }

    /// Counts room for values of `size` bytes that a container just got.
    fn claim<E: Error>(&self, size: usize) -> Result<(), E> {
        match self.0.get().checked_sub(size) {
            Some(left) => self.0.set(left),
            None => return Err(E::custom("takes too much memory for its size")),
        }
        Ok(())
    }
}

/// A part of deserializing, with the memory that it is counted against.
pub(super) struct Bounded<'a, T> {
    inner: T,
    memory: &'a Memory,
}

impl<'a, T> Bounded<'a, T> {
    pub(super) fn new(inner: T, memory: &'a Memory) -> Self {
        Self { inner, memory }
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T::Value, D::Error> {
        self.inner.deserialize(Bounded::new(from, self.memory))
    }
}

macro_rules! pass {
    ($($method:ident($($name:ident: $kind:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($name,)* Bounded::new(visitor, self.memory))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    pass! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

#[cfg(test)]
mod tests;
