//! Methods: what they take, and the three ways in which they answer.

use alloc::string::String;
use core::convert::Infallible;

use bytes::Bytes;

use super::error::{DecodeError, EncodeError};
use super::path::Step;
use super::walk::Field;
use super::{Reader, Struct, Wire, Writer};

/// A method of a service, as generated code describes it. It has no values: only what it names is used.
pub trait Method: 'static {
    /// The service under whose name it is called. An inherited method is one of the leaf's own.
    const SERVICE: &'static str;
    /// Its name.
    const NAME: &'static str;
    /// Both, as arg1 has them: `Service::method`.
    const ENDPOINT: &'static str;
    /// Whether it is declared `oneway`. TChannel has no such calls: every client and server refuses it.
    const ONEWAY: bool = false;
    /// Its arguments.
    type Request: Struct + Send + 'static;
    /// What it returns; `()` for void.
    type Success: Success + Send + 'static;
    /// What it may throw; [`Infallible`] for nothing.
    type Exceptions: Exceptions + Send + 'static;
}

/// A method that takes one argument, a struct: with scheme `sthrift`, its requests may be streams of such structs.
pub trait RequestStream: Method {
    /// What the stream is made of.
    type Item: Struct + Send + 'static;
}

/// What a method returns: any [`Wire`] type, or `()` for void.
pub trait Success: Sized {
    /// What an answer without value and exception means: `()` for void, nothing for all others.
    fn absent() -> Option<Self>;

    /// Reads field 0 of a result.
    fn read_field(from: &mut Reader<'_>, field: Field) -> Result<Self, DecodeError>;

    /// Writes field 0 of a result; nothing at all for void.
    fn write_field(&self, to: &mut Writer) -> Result<(), EncodeError>;
}

impl<T: Wire> Success for T {
    fn absent() -> Option<Self> {
        None
    }

    fn read_field(from: &mut Reader<'_>, field: Field) -> Result<Self, DecodeError> {
        from.value(field, SUCCESS)
    }

    fn write_field(&self, to: &mut Writer) -> Result<(), EncodeError> {
        to.field(0, SUCCESS, self)
    }
}

impl Success for () {
    fn absent() -> Option<Self> {
        Some(())
    }

    fn read_field(from: &mut Reader<'_>, field: Field) -> Result<Self, DecodeError> {
        from.skip(field.kind).map_err(|error| error.within(Step::field(0, SUCCESS)))
    }

    fn write_field(&self, _: &mut Writer) -> Result<(), EncodeError> {
        Ok(())
    }
}

/// The exceptions that a method declares: an enum with one variant for each.
pub trait Exceptions: Sized {
    /// Reads the exception that `field` of a result is; `None`, and nothing read, if none of them has its id.
    fn read_field(from: &mut Reader<'_>, field: Field) -> Result<Option<Self>, DecodeError>;

    /// Writes the exception as the field of a result that has its id, 1 or more.
    fn write_field(&self, to: &mut Writer) -> Result<(), EncodeError>;
}

impl Exceptions for Infallible {
    fn read_field(_: &mut Reader<'_>, _: Field) -> Result<Option<Self>, DecodeError> {
        Ok(None)
    }

    fn write_field(&self, _: &mut Writer) -> Result<(), EncodeError> {
        match *self {}
    }
}

/// Why there is no answer, though one arrived, or no request, though one was to be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The method is declared `oneway`, which TChannel does not have.
    #[error("{endpoint} is oneway, and TChannel has no such calls: remove `oneway` from its declaration")]
    OneWayNotSupported {
        /// `Service::method`.
        endpoint: String,
    },
    /// The method returns something, and the answer has neither a value nor an exception.
    #[error("expected a value from {endpoint}, got none")]
    ValueExpected {
        /// `Service::method`.
        endpoint: String,
    },
    /// An exception that the method does not declare here; the peer's IDL may be newer.
    #[error("{endpoint} threw an exception with the unknown id {id} ({} bytes)", bytes.len())]
    UnknownException {
        /// `Service::method`.
        endpoint: String,
        /// Id of its field.
        id: i16,
        /// Its value: for a struct all of it, up to its stop.
        bytes: Bytes,
    },
    /// The arguments cannot be written.
    #[error("cannot write the arguments of {endpoint}: {source}")]
    Unwritable {
        /// `Service::method`.
        endpoint: String,
        /// What is wrong with them.
        source: EncodeError,
    },
    /// The answer is no result of the method.
    #[error("cannot read the answer of {endpoint}: {source}")]
    Unreadable {
        /// `Service::method`.
        endpoint: String,
        /// What is wrong with it.
        source: DecodeError,
    },
}

/// Refuses a method that TChannel cannot call. Servers ask when it is registered; [`encode_request`] does by itself.
pub fn check_method<M: Method>() -> Result<(), Error> {
    if M::ONEWAY { Err(Error::OneWayNotSupported { endpoint: M::ENDPOINT.into() }) } else { Ok(()) }
}

/// Encodes the arguments of a method.
pub fn encode_request<M: Method>(arguments: &M::Request) -> Result<Bytes, Error> {
    check_method::<M>()?;
    super::encode(arguments).map_err(|source| Error::Unwritable { endpoint: M::ENDPOINT.into(), source })
}

/// Decodes the answer of a method: `Ok(Err(_))` is a declared exception.
///
/// The struct decides, not the response code: an answer with an exception is that exception. One that is unknown is
/// never taken for a value.
pub fn decode_reply<M: Method>(arg3: &Bytes) -> Result<Result<M::Success, M::Exceptions>, Error> {
    read_reply(arg3, M::ENDPOINT, M::Success::absent(), M::Success::read_field, M::Exceptions::read_field)
}

/// Decodes an answer by functions instead of types: for clients that know their IDL only at run time.
///
/// `absent` is what an answer without value and exception means: something for void, `None` for all other methods.
/// `value` reads field 0; `exception` reads the others, or gives `None` without reading.
pub fn read_reply<S, E>(
    arg3: &Bytes,
    endpoint: &str,
    absent: Option<S>,
    mut value: impl FnMut(&mut Reader<'_>, Field) -> Result<S, DecodeError>,
    mut exception: impl FnMut(&mut Reader<'_>, Field) -> Result<Option<E>, DecodeError>,
) -> Result<Result<S, E>, Error> {
    let (mut returned, mut thrown, mut unknown) = (absent, None, None);
    let mut from = Reader::new(arg3);
    let fields = from.fields(|from, field| match field.id {
        0 => value(from, field).map(|value| returned = Some(value)),
        1.. => {
            let start = from.at();
            if let Some(exception) = exception(from, field)? {
                thrown = Some(exception);
            } else {
                from.skip_field(field)?;
                unknown = Some((field.id, from.since(start)));
            }
            Ok(())
        }
        _ => from.skip_field(field),
    });
    let endpoint = || String::from(endpoint);
    fields.and_then(|()| from.end()).map_err(|source| Error::Unreadable { endpoint: endpoint(), source })?;
    match (thrown, unknown, returned) {
        (Some(exception), _, _) => Ok(Err(exception)),
        (None, Some((id, bytes)), _) => Err(Error::UnknownException { endpoint: endpoint(), id, bytes }),
        (None, None, Some(value)) => Ok(Ok(value)),
        (None, None, None) => Err(Error::ValueExpected { endpoint: endpoint() }),
    }
}

/// Encodes the answer of a method. It goes with response code 0 for `Ok`, 1 for an exception.
pub fn encode_reply<M: Method>(reply: &Result<M::Success, M::Exceptions>) -> Result<Bytes, EncodeError> {
    let mut to = Writer::new();
    to.fields(|to| match reply {
        Ok(value) => value.write_field(to),
        Err(exception) => exception.write_field(to),
    })?;
    Ok(to.into_bytes())
}

const SUCCESS: &str = "success";

#[cfg(test)]
mod tests;
