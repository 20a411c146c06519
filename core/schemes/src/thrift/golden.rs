//! Messages whose bytes the specification gives, and the types that they are of.

use std::string::String;

use bytes::Bytes;

use super::{DecodeError, EncodeError, Exceptions, Field, Method, Reader, Struct, Type, Wire, Writer};
use crate::testing::hex;

/// The bytes of each golden message; a cut of any of them is hostile.
pub(super) fn messages() -> [Bytes; 7] {
    [
        hex("0b0001 00000003 666f6f 00"),
        hex("0b0000 00000003 626172 00"),
        hex("0b0001 00000001 6b 0b0002 00000001 76 00"),
        hex("00"),
        hex("0c0001 0b0001 00000001 78 00 00"),
        hex("0c0000 020001 01 00 00"),
        hex("0c0001 0b0001 0000000d 6f746865722d73657276696365 00 00"),
    ]
}

/// Structs all of whose fields are required strings.
macro_rules! texts {
    ($rust:ident { $($id:literal $field:ident),* }) => {
        #[derive(Debug, Clone, PartialEq)]
        pub(super) struct $rust {
            $(pub(super) $field: String,)*
        }

        impl Wire for $rust {
            const TYPE: Type = Type::Struct;

            fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
                to.fields(|to| {
                    $(to.field($id, stringify!($field), &self.$field)?;)*
                    Ok(())
                })
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                $(let mut $field = None;)*
                from.fields(|from, field| {
                    match field.id {
                        $($id => $field = Some(from.value(field, stringify!($field))?),)*
                        _ => from.skip_field(field)?,
                    }
                    Ok(())
                })?;
                Ok(Self { $($field: from.required($field, $id, stringify!($field))?),* })
            }
        }

        impl Struct for $rust {
            const NAME: &'static str = stringify!($rust);
        }
    };
}

texts!(GetArgs { 1 key });
texts!(SetArgs { 1 key, 2 value });
texts!(NotFound { 1 key });

#[derive(Debug, Clone, PartialEq)]
pub(super) enum GetThrows {
    NotFound(NotFound),
}

impl Exceptions for GetThrows {
    fn read_field(from: &mut Reader<'_>, field: Field) -> Result<Option<Self>, DecodeError> {
        Ok(match field.id {
            1 => Some(Self::NotFound(from.value(field, "notFound")?)),
            _ => None,
        })
    }

    fn write_field(&self, to: &mut Writer) -> Result<(), EncodeError> {
        match self {
            Self::NotFound(exception) => to.field(1, "notFound", exception),
        }
    }
}

pub(super) enum GetValue {}

impl Method for GetValue {
    const SERVICE: &'static str = "KeyValue";
    const NAME: &'static str = "getValue";
    const ENDPOINT: &'static str = "KeyValue::getValue";
    type Request = GetArgs;
    type Success = String;
    type Exceptions = GetThrows;
}

pub(super) enum SetValue {}

impl Method for SetValue {
    const SERVICE: &'static str = "KeyValue";
    const NAME: &'static str = "setValue";
    const ENDPOINT: &'static str = "KeyValue::setValue";
    type Request = SetArgs;
    type Success = ();
    type Exceptions = core::convert::Infallible;
}
