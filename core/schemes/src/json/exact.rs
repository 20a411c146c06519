//! Refuses what JSON would lose: `serde_json` writes NaN and infinities as `null`, and integers that no peer reads back.

mod parts;
mod trail;

pub(super) use trail::Trail;

use core::fmt::Display;

use serde::ser::{Error, Serialize, Serializer};

use parts::Parts;

/// A value whose numbers are checked as it is written. The trail gets to know where it failed.
pub(super) struct Exact<'a, T: ?Sized> {
    pub(super) value: &'a T,
    pub(super) trail: &'a Trail,
}

impl<T: Serialize + ?Sized> Serialize for Exact<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Checked { to, trail: self.trail })
    }
}

struct Checked<'a, S> {
    to: S,
    trail: &'a Trail,
}

impl<'a, S: Serializer> Checked<'a, S> {
    fn parts<C>(self, open: impl FnOnce(S) -> Result<C, S::Error>) -> Result<Parts<'a, C>, S::Error> {
        Ok(Parts::new(open(self.to)?, self.trail))
    }

    fn integer<N: Copy + Display>(self, value: N) -> Result<S::Ok, S::Error>
    where
        i64: TryFrom<N>,
        u64: TryFrom<N>,
    {
        if let Ok(value) = i64::try_from(value) {
            return self.to.serialize_i64(value);
        }
        match u64::try_from(value) {
            Ok(value) => self.to.serialize_u64(value),
            Err(_) => Err(S::Error::custom(format_args!("{value} does not fit 64 bits"))),
        }
    }
}

/// Passes scalars on as they are.
macro_rules! pass {
    ($($method:ident: $value:ty),*) => {$(
        fn $method(self, value: $value) -> Result<S::Ok, S::Error> {
            self.to.$method(value)
        }
    )*};
}

impl<'a, S: Serializer> Serializer for Checked<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<'a, S::SerializeSeq>;
    type SerializeTuple = Parts<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Parts<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<'a, S::SerializeTupleVariant>;
    type SerializeMap = Parts<'a, S::SerializeMap>;
    type SerializeStruct = Parts<'a, S::SerializeStruct>;
    type SerializeStructVariant = Parts<'a, S::SerializeStructVariant>;

    pass! {
        serialize_bool: bool, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_unit_struct: &'static str
    }

    fn serialize_i128(self, value: i128) -> Result<S::Ok, S::Error> {
        self.integer(value)
    }

    fn serialize_u128(self, value: u128) -> Result<S::Ok, S::Error> {
        self.integer(value)
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if value.is_finite() { self.to.serialize_f32(value) } else { Err(no_number(value)) }
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if value.is_finite() { self.to.serialize_f64(value) } else { Err(no_number(value)) }
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.to.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.to.serialize_some(&Exact { value, trail: self.trail })
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.to.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.to.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.to.serialize_newtype_struct(name, &Exact { value, trail: self.trail })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let written =
            self.to.serialize_newtype_variant(name, index, variant, &Exact { value, trail: self.trail });
        written.inspect_err(|_| self.trail.field(variant))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.parts(|to| to.serialize_seq(len))
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.parts(|to| to.serialize_tuple(len))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.parts(|to| to.serialize_tuple_struct(name, len))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.parts(|to| to.serialize_tuple_variant(name, index, variant, len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.parts(|to| to.serialize_map(len))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.parts(|to| to.serialize_struct(name, len))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.parts(|to| to.serialize_struct_variant(name, index, variant, len))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.to.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.to.is_human_readable()
    }
}

fn no_number<E: Error>(value: impl Display) -> E {
    E::custom(format_args!("{value} is no JSON number"))
}

#[cfg(test)]
mod tests;
