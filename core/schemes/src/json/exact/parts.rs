//! Containers whose parts are checked.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::{Exact, Trail};

/// A container that is being written.
pub(super) struct Parts<'a, C> {
    to: C,
    trail: &'a Trail,
    /// How many items were written.
    at: usize,
}

impl<'a, C> Parts<'a, C> {
    pub(super) fn new(to: C, trail: &'a Trail) -> Self {
        Self { to, trail, at: 0 }
    }
}

macro_rules! items {
    ($($container:ident :: $method:ident),*) => {$(
        impl<C: $container> $container for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                let at = self.at;
                self.at += 1;
                self.to.$method(&Exact { value, trail: self.trail }).inspect_err(|_| self.trail.item(at))
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.to.end()
            }
        }
    )*};
}

items! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
}

macro_rules! fields {
    ($($container:ident),*) => {$(
        impl<C: $container> $container for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), C::Error> {
                let written = self.to.serialize_field(name, &Exact { value, trail: self.trail });
                written.inspect_err(|_| self.trail.field(name))
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), C::Error> {
                self.to.skip_field(name)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.to.end()
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl<C: SerializeMap> SerializeMap for Parts<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        self.to.serialize_key(&Exact { value: key, trail: self.trail })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        self.to.serialize_value(&Exact { value, trail: self.trail })
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), C::Error> {
        self.serialize_key(key)?;
        self.serialize_value(value).inspect_err(|_| self.trail.key(key))
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.to.end()
    }
}
