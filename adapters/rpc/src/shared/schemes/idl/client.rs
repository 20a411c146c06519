//! From the names of an IDL to calls.

use serde_json::Value as Json;
use tchannel_idl::dynamic::{self, RequestError, Service, UnknownName};

use super::Call;
use crate::shared::schemes::thrift::Calls;

/// Calls the methods of a service of an IDL, with JSON-shaped values.
#[derive(Clone, Debug)]
pub struct Client {
    calls: Calls,
    service: Service,
}

/// A method to be called. It keeps its channel open, as the [`Calls`] do that it is of.
#[derive(Clone, Debug)]
pub struct Method {
    calls: Calls,
    method: dynamic::Method,
}

impl Calls {
    /// Calls the methods of this service, without generated code.
    pub fn idl(self, service: &Service) -> Client {
        Client { calls: self, service: service.clone() }
    }
}

impl Client {
    /// A method, the service's own or inherited.
    pub fn method(&self, name: &str) -> Result<Method, UnknownName> {
        Ok(Method { calls: self.calls.clone(), method: self.service.method(name)? })
    }
}

impl Method {
    /// A call with these arguments, by their names: a plain value, nothing is sent. Refuses a `oneway` method, and
    /// arguments that are not what the method takes.
    pub fn request(&self, arguments: &Json) -> Result<Call, RequestError> {
        let request = self.method.request(arguments)?;
        let (outbound, headers) = self.calls.parts();
        Ok(Call::new(outbound.endpoint(&request.endpoint), headers, self.method.clone(), request.arg3))
    }

    /// What the IDL says of it.
    pub fn method(&self) -> &dynamic::Method {
        &self.method
    }
}
