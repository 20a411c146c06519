//! Counted containers, and the variants of enums.

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::{Bounded, Memory};

/// The items of a container that is being read.
pub(super) struct Items<'a, A> {
    inner: A,
    memory: &'a Memory,
    is_first: bool,
}

/// What containers have room for as soon as they hold one value.
const FIRST_ROOM: usize = 4;

/// What a map keeps for each pair beside key and value, in bytes.
const PER_PAIR: usize = 24;

impl<'a, A> Items<'a, A> {
    pub(super) fn new(inner: A, memory: &'a Memory) -> Self {
        Self { inner, memory, is_first: true }
    }

    /// How many values there is to be room for now that one more is there.
    fn room(&mut self) -> usize {
        if core::mem::replace(&mut self.is_first, false) { FIRST_ROOM } else { 1 }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let item = self.inner.next_element_seed(Bounded::new(seed, self.memory))?;
        if item.is_some() {
            let room = self.room();
            self.memory.claim(room * size_of::<T::Value>())?;
        }
        Ok(item)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let key = self.inner.next_key_seed(Bounded::new(seed, self.memory))?;
        if key.is_some() {
            self.memory.claim(size_of::<K::Value>() + PER_PAIR)?;
        }
        Ok(key)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        let value = self.inner.next_value_seed(Bounded::new(seed, self.memory))?;
        let room = self.room();
        self.memory.claim(room * size_of::<V::Value>())?;
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'a, 'de, A: EnumAccess<'de>> EnumAccess<'de> for Bounded<'a, A> {
    type Error = A::Error;
    type Variant = Bounded<'a, A::Variant>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), A::Error> {
        let (value, variant) = self.inner.variant_seed(Bounded::new(seed, self.memory))?;
        Ok((value, Bounded::new(variant, self.memory)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.inner.newtype_variant_seed(Bounded::new(seed, self.memory))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, Bounded::new(visitor, self.memory))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, Bounded::new(visitor, self.memory))
    }
}
