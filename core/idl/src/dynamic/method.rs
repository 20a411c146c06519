//! One method: what it takes, what it answers.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value as Json;
use tchannel_schemes::thrift::{self, DecodeError, EncodeError, Error, Fields, Reader, read_reply};

use super::{Codec, encode};
use crate::Idl;
use crate::model::{self, ServiceId};

/// A method of a service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Method {
    idl: Idl,
    /// The service that declares it, and the place there.
    place: (ServiceId, usize),
    endpoint: Arc<str>,
    strict: bool,
}

/// A call that is ready to be made: a value to keep, and to send as often as one likes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// arg1: `Service::method`.
    pub endpoint: Arc<str>,
    /// arg3: the arguments.
    pub arg3: Bytes,
}

/// Why there is no [`Request`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The method cannot be called at all.
    #[error(transparent)]
    NotCallable(#[from] Error),
    /// The arguments are not what the method takes.
    #[error("{endpoint}: {source}")]
    Arguments {
        /// `Service::method`.
        endpoint: Arc<str>,
        /// What is wrong with them.
        source: EncodeError,
    },
}

/// An exception that a method declares, and that was thrown.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name} {value}")]
pub struct Thrown {
    /// What the method calls it.
    pub name: String,
    /// Its type; empty is fine where it is to be written.
    pub ty: String,
    /// Its fields.
    pub value: Json,
}

impl Method {
    pub(super) fn new(idl: Idl, service: ServiceId, place: (ServiceId, usize)) -> Self {
        let known = idl.definitions();
        let endpoint = format!("{}::{}", known[service].name, known[place.0].methods[place.1].name);
        Self { idl, place, endpoint: endpoint.into(), strict: true }
    }

    /// Ignores fields that the IDL does not have when writing, and leaves out required ones that are not there.
    #[must_use = "gives the method back, changes nothing in place"]
    pub fn lenient(mut self) -> Self {
        self.strict = false;
        self
    }

    /// Its name, without the service's.
    pub fn name(&self) -> &str {
        &self.descriptor().name
    }

    /// `Service::method`, with the service that it was asked of: what arg1 says.
    pub fn endpoint(&self) -> &Arc<str> {
        &self.endpoint
    }

    /// What the IDL says of it.
    pub fn descriptor(&self) -> &model::Method {
        &self.idl.definitions()[self.place.0].methods[self.place.1]
    }

    /// Refuses a oneway method: TChannel has no such calls. Clients and servers ask before they use it.
    pub fn callable(&self) -> Result<(), Error> {
        if self.descriptor().oneway {
            return Err(Error::OneWayNotSupported { endpoint: self.endpoint.to_string() });
        }
        Ok(())
    }

    /// Makes a call of it, without sending anything.
    pub fn request(&self, arguments: &Json) -> Result<Request, RequestError> {
        self.callable()?;
        let fail = |source| RequestError::Arguments { endpoint: Arc::clone(&self.endpoint), source };
        let arg3 = self.encode_args(arguments).map_err(fail)?;
        Ok(Request { endpoint: Arc::clone(&self.endpoint), arg3 })
    }

    /// Encodes arguments as arg3. All have to be there that are neither optional nor have a default, and no others.
    pub fn encode_args(&self, arguments: &Json) -> Result<Bytes, EncodeError> {
        thrift::encode(&self.codec().arguments(&self.descriptor().arguments, arguments)?)
    }

    /// Decodes arg3 of a request.
    pub fn decode_args(&self, arg3: &Bytes) -> Result<Json, DecodeError> {
        let mut from = Reader::new(arg3);
        let arguments = self.codec().read_arguments(&self.descriptor().arguments, &mut from)?;
        from.end()?;
        Ok(arguments)
    }

    /// Decodes arg3 of an answer, whatever its code: `Ok(Err(_))` is an exception that the method declares.
    pub fn decode_result(&self, arg3: &Bytes) -> Result<Result<Json, Thrown>, Error> {
        let (codec, method) = (self.codec(), self.descriptor());
        let absent = method.returns.is_none().then_some(Json::Null);
        read_reply(
            arg3,
            &self.endpoint,
            absent,
            |from, field| match &method.returns {
                Some(ty) => codec.read_field(ty, from, field, SUCCESS),
                None => from.skip_field(field).map(|()| Json::Null),
            },
            |from, field| {
                let Some(thrown) = method.throws.iter().find(|thrown| thrown.id == field.id) else {
                    return Ok(None);
                };
                let value = codec.read_field(&thrown.ty, from, field, &thrown.name)?;
                let (name, ty) = (thrown.name.to_string(), codec.type_name(&thrown.ty));
                Ok(Some(Thrown { name, ty, value }))
            },
        )
    }

    /// Encodes an answer as arg3: with response code 0 what the method returns, `null` for void; with code 1 an exception,
    /// by the name that the method gives it, or by its type's.
    pub fn encode_result(&self, result: &Result<Json, Thrown>) -> Result<Bytes, EncodeError> {
        let (codec, method) = (self.codec(), self.descriptor());
        let field = match (result, &method.returns) {
            (Ok(Json::Null), None) => None,
            (Ok(value), None) => return Err(encode::unexpected(value, "null: the method is void")),
            (Ok(Json::Null), Some(_)) => return Err(encode::missing(0, SUCCESS)),
            (Ok(value), Some(ty)) => Some((0, codec.field(0, SUCCESS, ty, value)?)),
            (Err(thrown), _) => Some(self.exception(thrown)?),
        };
        thrift::encode(&Fields(field.into_iter().collect()))
    }

    fn exception(&self, thrown: &Thrown) -> Result<(i16, thrift::Value), EncodeError> {
        let (codec, throws) = (self.codec(), &self.descriptor().throws);
        let by_name = throws.iter().find(|declared| *declared.name == *thrown.name);
        let by_type = || throws.iter().find(|declared| codec.type_name(&declared.ty) == thrown.ty);
        let Some(declared) = by_name.or_else(by_type) else {
            let words =
                format!("is the exception `{}`, {} declares {}", thrown.name, self.endpoint, throws.listed());
            return Err(encode::invalid(words));
        };
        let value = codec.field(declared.id, &declared.name, &declared.ty, &thrown.value)?;
        Ok((declared.id, value))
    }

    fn codec(&self) -> Codec<'_> {
        Codec { known: self.idl.definitions(), strict: self.strict }
    }
}

const SUCCESS: &str = "success";
