//! One call of a method.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tchannel_schemes::thrift::{Error, Headers, Method, encode_request};

use super::{Answer, CallError, SCHEME};
use crate::shared::outbound::Outbound;
use crate::shared::schemes::{Unfinished, header_options, outbound_options};
use crate::shared::turns::{OneCall, Reading, waits};

/// A call of `M` with its arguments and options: a plain value. Building it does nothing; clones can be sent many times.
///
/// Awaiting it sends it, and gives the value or the exception; [`send`](Self::send) tells more of the answer.
#[must_use = "a call does nothing until it is sent or awaited"]
pub struct Call<M: Method> {
    outbound: Outbound,
    headers: Headers,
    arguments: Result<Bytes, Error>,
    method: PhantomData<fn() -> M>,
}

impl<M: Method> Call<M> {
    pub(super) fn new(outbound: Outbound, headers: Headers, request: &M::Request) -> Self {
        let (outbound, arguments) = (outbound.endpoint(M::ENDPOINT), encode_request::<M>(request));
        Call { outbound, headers, arguments, method: PhantomData }
    }

    outbound_options!();
    header_options!();

    /// Sends it. The request is on its way when this returns; the answer comes from the future, with its headers.
    ///
    /// What is wrong with the call itself comes from the future, too; then nothing was sent.
    pub fn send(self) -> Sent<M> {
        Sent { call: Unfinished::send(self.encoded()), method: PhantomData }
    }

    /// Sends it, and waits for the answer. Not for a thread of an async runtime, which would stop.
    pub fn wait(self) -> Result<M::Success, CallError<M::Exceptions>> {
        self.into_future().wait()
    }

    fn encoded(self) -> Result<Outbound, CallError<Infallible>> {
        let (arg2, arg3) = (self.headers.encode()?, self.arguments?);
        Ok(self.outbound.endpoint(M::ENDPOINT).scheme(SCHEME).arg2(arg2).arg3(arg3))
    }

    fn outbound(mut self, change: impl FnOnce(Outbound) -> Outbound) -> Self {
        self.outbound = change(self.outbound);
        self
    }
}

impl<M: Method> Clone for Call<M> {
    fn clone(&self) -> Self {
        Call {
            outbound: self.outbound.clone(),
            headers: self.headers.clone(),
            arguments: self.arguments.clone(),
            method: PhantomData,
        }
    }
}

impl<M: Method> fmt::Debug for Call<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("outbound", &self.outbound)
            .field("headers", &self.headers)
            .field("arguments", &self.arguments)
            .finish()
    }
}

impl<M: Method> IntoFuture for Call<M> {
    type Output = Result<M::Success, CallError<M::Exceptions>>;
    type IntoFuture = Value<M>;

    fn into_future(self) -> Value<M> {
        Value(self.send())
    }
}

/// A call of `M` on its way, to its [`Answer`].
///
/// # Cancel safety
///
/// Dropping it cancels the call; waiting for `&mut` of it does not.
#[must_use = "a call that is dropped is cancelled"]
pub struct Sent<M: Method> {
    call: Unfinished<CallError<Infallible>>,
    method: PhantomData<fn() -> M>,
}

impl<M: Method> Future for Sent<M> {
    type Output = Result<Answer<M>, CallError<Infallible>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = self.call.poll::<CallError<Infallible>>(cx);
        answer.map(|answer| answer.and_then(|(response, place)| Answer::read(response, place)))
    }
}

impl<M: Method> Sent<M> {
    waits!();
}

impl<M: Method> OneCall for Sent<M> {
    fn reading(&self) -> Option<Reading> {
        self.call.reading()
    }
}

impl<M: Method> fmt::Debug for Sent<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sent").field(&self.call).finish()
    }
}

/// A call of `M` on its way, to its value.
///
/// # Cancel safety
///
/// Dropping it cancels the call; waiting for `&mut` of it does not.
#[must_use = "a call that is dropped is cancelled"]
pub struct Value<M: Method>(Sent<M>);

impl<M: Method> Future for Value<M> {
    type Output = Result<M::Success, CallError<M::Exceptions>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|answer| match answer {
            Ok(answer) => answer.result.map_err(CallError::Exception),
            Err(error) => Err(error.of_any_method()),
        })
    }
}

impl<M: Method> Value<M> {
    waits!();
}

impl<M: Method> OneCall for Value<M> {
    fn reading(&self) -> Option<Reading> {
        self.0.reading()
    }
}

impl<M: Method> fmt::Debug for Value<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Value").field(&self.0.call).finish()
    }
}
