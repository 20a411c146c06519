//! One call of a method.

use std::convert::Infallible;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use serde_json::Value as Json;
use tchannel_idl::dynamic::{self, Thrown};
use tchannel_schemes::thrift::Headers;

use crate::shared::call::Response;
use crate::shared::outbound::Outbound;
use crate::shared::schemes::thrift::{CallError, SCHEME, not_read, unreadable};
use crate::shared::schemes::{Place, Unfinished, header_options, outbound_options};
use crate::shared::turns::{OneCall, Reading, waits};

/// A call with its arguments and options: a plain value. Building it does nothing; clones can be sent many times.
///
/// Awaiting it sends it, and gives the value or the exception; [`send`](Self::send) tells more of the answer.
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent or awaited"]
pub struct Call {
    outbound: Outbound,
    headers: Headers,
    method: dynamic::Method,
    arguments: Bytes,
}

impl Call {
    pub(super) fn new(
        outbound: Outbound,
        headers: Headers,
        method: dynamic::Method,
        arguments: Bytes,
    ) -> Self {
        Call { outbound, headers, method, arguments }
    }

    outbound_options!();
    header_options!();

    /// Sends it. The request is on its way when this returns; the answer comes from the future, with its headers.
    pub fn send(self) -> Sent {
        let Call { outbound, headers, method, arguments } = self;
        let outbound = outbound.endpoint(method.endpoint());
        let encoded = headers.encode().map(|arg2| outbound.scheme(SCHEME).arg2(arg2).arg3(arguments));
        Sent { call: Unfinished::send(encoded.map_err(CallError::from)), method }
    }

    /// Sends it, and waits for the answer. Not for a thread of an async runtime, which would stop.
    pub fn wait(self) -> Result<Json, CallError<Thrown>> {
        self.into_future().wait()
    }

    fn outbound(mut self, change: impl FnOnce(Outbound) -> Outbound) -> Self {
        self.outbound = change(self.outbound);
        self
    }
}

impl IntoFuture for Call {
    type Output = Result<Json, CallError<Thrown>>;
    type IntoFuture = Value;

    fn into_future(self) -> Value {
        Value(self.send())
    }
}

/// A call on its way, to its [`Answer`]. Dropping it cancels the call.
#[derive(Debug)]
#[must_use = "a call that is dropped is cancelled"]
pub struct Sent {
    call: Unfinished<CallError<Infallible>>,
    method: dynamic::Method,
}

impl Future for Sent {
    type Output = Result<Answer, CallError<Infallible>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Sent { call, method } = self.get_mut();
        let answer = call.poll::<CallError<Infallible>>(cx);
        answer.map(|answer| answer.and_then(|(response, place)| Answer::read(response, place, method)))
    }
}

impl Sent {
    waits!();
}

impl OneCall for Sent {
    fn reading(&self) -> Option<Reading> {
        self.call.reading()
    }
}

/// A call on its way, to its value. Dropping it cancels the call.
#[derive(Debug)]
#[must_use = "a call that is dropped is cancelled"]
pub struct Value(Sent);

impl Future for Value {
    type Output = Result<Json, CallError<Thrown>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|answer| match answer {
            Ok(answer) => answer.result.map_err(CallError::Exception),
            Err(error) => Err(error.of_any_method()),
        })
    }
}

impl Value {
    waits!();
}

impl OneCall for Value {
    fn reading(&self) -> Option<Reading> {
        self.0.reading()
    }
}

/// What a method answered: a value or one of its exceptions, and what came with it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The value, `null` for void; or the exception.
    pub result: Result<Json, Thrown>,
    /// Application headers.
    pub headers: Headers,
    response: Response,
}

impl Answer {
    fn read(
        response: Response,
        place: &Place,
        method: &dynamic::Method,
    ) -> Result<Self, CallError<Infallible>> {
        let headers = Headers::decode(response.arg2())
            .map_err(|error| place.unreadable(&response, unreadable(method.endpoint(), &error)))?;
        match method.decode_result(&response.body()) {
            Ok(result) => Ok(Answer { result, headers, response }),
            Err(error) => Err(not_read(error, &response, place)),
        }
    }

    /// The response as it came: who answered, its code byte, transport headers, bytes.
    pub fn response(&self) -> &Response {
        &self.response
    }
}
