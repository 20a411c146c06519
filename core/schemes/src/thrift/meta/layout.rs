//! How the structs and enums of the Meta service lie on the wire.

use super::{
    HealthArgs, HealthRequest, HealthRequestType, HealthState, HealthStatus, NoArgs, ThriftIdls, VersionInfo,
};
use crate::thrift::{DecodeError, EncodeError, Reader, Struct, Type, Wire, Writer};

macro_rules! structure {
    ($rust:ident, $name:literal: $($id:literal $need:ident $text:literal $field:ident;)*) => {
        impl Wire for $rust {
            const TYPE: Type = Type::Struct;

            fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
                to.fields(|to| {
                    $(structure!(write $need, to, $id, $text, &self.$field);)*
                    Ok(())
                })
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                $(let mut $field = None;)*
                from.fields(|from, field| {
                    match field.id {
                        $($id => $field = Some(from.value(field, $text)?),)*
                        _ => from.skip_field(field)?,
                    }
                    Ok(())
                })?;
                Ok(Self { $($field: structure!(read $need, from, $id, $text, $field),)* })
            }
        }

        impl Struct for $rust {
            const NAME: &'static str = $name;
        }
    };
    (write required, $to:ident, $id:literal, $text:literal, $field:expr) => { $to.field($id, $text, $field)? };
    (write optional, $to:ident, $id:literal, $text:literal, $field:expr) => {
        if let Some(value) = $field {
            $to.field($id, $text, value)?;
        }
    };
    (read required, $from:ident, $id:literal, $text:literal, $field:ident) => {
        $from.required($field, $id, $text)?
    };
    (read optional, $from:ident, $id:literal, $text:literal, $field:ident) => { $field };
}

structure!(HealthRequest, "HealthRequest": 1 optional "type" kind;);
structure!(HealthArgs, "health_args": 1 optional "hr" request;);
structure! {
    HealthStatus, "HealthStatus":
    1 required "ok" ok;
    2 optional "message" message;
    3 optional "state" state;
}
structure! {
    ThriftIdls, "ThriftIDLs":
    1 required "idls" idls;
    2 required "entryPoint" entry_point;
}
structure! {
    VersionInfo, "VersionInfo":
    1 required "language" language;
    2 required "language_version" language_version;
    3 required "version" version;
}

impl Wire for NoArgs {
    const TYPE: Type = Type::Struct;

    fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.fields(|_| Ok(()))
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.fields(Reader::skip_field)?;
        Ok(Self)
    }
}

impl Struct for NoArgs {
    const NAME: &'static str = "args";
}

macro_rules! number {
    ($rust:ident: $($variant:ident = $number:literal),*) => {
        impl Wire for $rust {
            const TYPE: Type = Type::I32;

            fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
                to.i32(match self {
                    $(Self::$variant => $number,)*
                    Self::Unknown(number) => *number,
                });
                Ok(())
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok(match from.i32()? {
                    $($number => Self::$variant,)*
                    number => Self::Unknown(number),
                })
            }
        }
    };
}

number!(HealthState: Refusing = 0, Accepting = 1, Stopping = 2, Stopped = 3);
number!(HealthRequestType: Process = 0, Traffic = 1);
