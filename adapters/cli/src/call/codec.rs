//! What the arguments of a call mean: written from the command line, read for the printed answer.

mod bytes;

use serde_json::{Map, Value};
use tchannel_rpc::idl::dynamic::Method;
use tchannel_rpc::thrift::{Error, Headers};
use tchannel_rpc::{Bytes, Response, json};

use crate::exit::{Exit, Failure};
pub(super) use bytes::Shown;
use bytes::base64;

/// How arguments are written and answers read.
#[derive(Clone, Debug)]
pub(super) enum Codec {
    Raw(Shown),
    Json,
    Thrift(Method),
    /// `Meta::health`: its answer decides how the program ends.
    Health(Method),
}

/// An answer that was read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) exit: Exit,
    pub(super) head: Value,
    pub(super) body: Value,
    /// What the method calls the exception that the body is.
    pub(super) exception: Option<String>,
}

impl Codec {
    /// Their name, `as`.
    pub(super) fn scheme(&self) -> &'static str {
        match self {
            Codec::Raw(_) => "raw",
            Codec::Json => "json",
            Codec::Thrift(_) | Codec::Health(_) => "thrift",
        }
    }

    /// arg1, where the arguments decide it: a Thrift method may be named without its service.
    pub(super) fn endpoint(&self) -> Option<&str> {
        match self {
            Codec::Raw(_) | Codec::Json => None,
            Codec::Thrift(method) | Codec::Health(method) => Some(method.endpoint()),
        }
    }

    /// arg2.
    pub(super) fn head(&self, given: Option<&str>) -> Result<Bytes, Failure> {
        match self {
            Codec::Raw(shown) => shown.read(given.unwrap_or_default().as_bytes()),
            Codec::Json => {
                let headers: json::Headers = headers(given)?.into_iter().collect();
                headers.encode().map_err(|error| Failure::local(error.to_string()))
            }
            Codec::Thrift(_) | Codec::Health(_) => {
                let headers: Headers = headers(given)?.into_iter().collect();
                headers.encode().map_err(|error| Failure::local(error.to_string()))
            }
        }
    }

    /// arg3. Without a body: nothing, an empty object, no arguments.
    pub(super) fn body(&self, given: Option<&[u8]>) -> Result<Bytes, Failure> {
        match self {
            Codec::Raw(shown) => shown.read(given.unwrap_or_default()),
            Codec::Json => json::encode(&value(given)?).map_err(|error| Failure::local(error.to_string())),
            Codec::Thrift(method) | Codec::Health(method) => {
                let request = method.request(&value(given)?);
                request.map(|request| request.arg3).map_err(|error| Failure::local(error.to_string()))
            }
        }
    }

    /// What is answered; or why that cannot be read.
    pub(super) fn answer(&self, response: &Response) -> Result<Answer, String> {
        let (arg2, arg3) = (response.arg2(), response.body());
        let exit = if response.ok() { Exit::Ok } else { Exit::NotOk };
        let unreadable = |error: &dyn std::fmt::Display| format!("cannot read the answer: {error}");
        match self {
            Codec::Raw(shown) => {
                Ok(Answer { exit, head: shown.show(arg2), body: shown.show(&arg3), exception: None })
            }
            Codec::Json => {
                let headers = json::Headers::decode(arg2).map_err(|error| unreadable(&error))?;
                let body = json::decode(&arg3).map_err(|error| unreadable(&error))?;
                let head = headers.iter().map(|(name, value)| (name.to_owned(), value.clone()));
                Ok(Answer { exit, head: head.collect::<Map<_, _>>().into(), body, exception: None })
            }
            Codec::Thrift(method) => thrift(method, arg2, &arg3).map_err(|error| unreadable(&error)),
            Codec::Health(method) => {
                let answer = thrift(method, arg2, &arg3).map_err(|error| unreadable(&error))?;
                let is_well = answer.exit == Exit::Ok && answer.body["ok"] == true;
                Ok(Answer { exit: if is_well { Exit::Ok } else { Exit::Unhealthy }, ..answer })
            }
        }
    }
}

/// The struct decides what an answer is, whatever its code says.
fn thrift(method: &Method, arg2: &[u8], arg3: &Bytes) -> Result<Answer, String> {
    let headers = Headers::decode(arg2).map_err(|error| error.to_string())?;
    let head: Map<String, Value> =
        headers.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let (exit, body, exception) = match method.decode_result(arg3) {
        Ok(Ok(value)) => (Exit::Ok, value, None),
        Ok(Err(thrown)) => (Exit::NotOk, thrown.value, Some(thrown.name)),
        Err(Error::UnknownException { id, bytes, .. }) => {
            (Exit::NotOk, base64(&bytes), Some(format!("unknown exception {id}")))
        }
        Err(
            error @ (Error::OneWayNotSupported { .. }
            | Error::ValueExpected { .. }
            | Error::Unwritable { .. }
            | Error::Unreadable { .. }),
        ) => return Err(error.to_string()),
    };
    Ok(Answer { exit, head: head.into(), body, exception })
}

/// Application headers of a scheme whose headers are texts.
fn headers(given: Option<&str>) -> Result<Vec<(String, String)>, Failure> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let wrong = || Failure::local("headers must be a map of string to string, in JSON");
    let parsed: Value = serde_json::from_str(given)
        .map_err(|error| Failure::local(format!("the headers are no JSON: {error}")))?;
    let Value::Object(headers) = parsed else { return Err(wrong()) };
    let text = |(name, value)| match value {
        Value::String(value) => Ok((name, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(wrong()),
    };
    headers.into_iter().map(text).collect()
}

/// A body in JSON; none is an empty object.
fn value(given: Option<&[u8]>) -> Result<Value, Failure> {
    let Some(given) = given else { return Ok(Value::Object(Map::new())) };
    serde_json::from_slice(given).map_err(|error| Failure::local(format!("the body is no JSON: {error}")))
}
