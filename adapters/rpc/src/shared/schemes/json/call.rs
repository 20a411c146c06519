//! One call of an endpoint.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tchannel_schemes::json::{EncodeError, Headers, encode};

use super::{Answer, CallError, SCHEME};
use crate::shared::channel::Channel;
use crate::shared::outbound::Outbound;
use crate::shared::schemes::{Unfinished, header_options, outbound_options};
use crate::shared::serve::Connection;
use crate::shared::subchannel::SubChannel;
use crate::shared::turns::{OneCall, Reading, waits};

/// A JSON call with its body and options: a plain value. Building it does nothing; clones can be sent many times.
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct Call {
    outbound: Outbound,
    headers: Headers,
    body: Result<Bytes, EncodeError>,
}

impl Call {
    /// A call like this one: to its service and endpoint, with its options. Its scheme and arguments do not count.
    pub fn like(call: Outbound) -> Self {
        Call { outbound: call, headers: Headers::new(), body: Ok(Bytes::from_static(b"null")) }
    }

    outbound_options!();

    /// The body. Default `null`. One that JSON cannot hold makes [`send`](Self::send) fail.
    pub fn body<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.body = encode(body);
        self
    }

    header_options!();

    /// Sends it. The request is on its way when this returns; the answer, a `T`, comes from the future.
    ///
    /// What is wrong with the call itself comes from the future, too; then nothing was sent.
    pub fn send<T: DeserializeOwned>(self) -> Sent<T> {
        Sent { call: Unfinished::send(self.encoded()), body: PhantomData }
    }

    fn encoded(self) -> Result<Outbound, EncodeError> {
        Ok(self.outbound.scheme(SCHEME).arg2(self.headers.encode()?).arg3(self.body?))
    }

    fn outbound(mut self, change: impl FnOnce(Outbound) -> Outbound) -> Self {
        self.outbound = change(self.outbound);
        self
    }
}

/// A call on its way.
///
/// # Cancel safety
///
/// Dropping it cancels the call; waiting for `&mut` of it does not.
#[must_use = "a call that is dropped is cancelled"]
pub struct Sent<T> {
    call: Unfinished<EncodeError>,
    body: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Future for Sent<T> {
    type Output = Result<Answer<T>, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = self.call.poll::<CallError>(cx);
        answer.map(|answer| answer.and_then(|(response, place)| Answer::read(response, place)))
    }
}

impl<T: DeserializeOwned> Sent<T> {
    waits!();
}

impl<T: DeserializeOwned> OneCall for Sent<T> {
    fn reading(&self) -> Option<Reading> {
        self.call.reading()
    }
}

impl<T> fmt::Debug for Sent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sent").field(&self.call).finish()
    }
}

impl Channel {
    /// A JSON call: to a peer of the list, unless it names a [`host`](Call::host).
    pub fn json(&self, service: &str, endpoint: &str) -> Call {
        Call::like(self.call(service, endpoint))
    }
}

impl SubChannel {
    /// A JSON call to it, in the style of [`call`](SubChannel::call).
    pub fn json(&self, endpoint: &str) -> Call {
        Call::like(self.call(endpoint))
    }
}

impl Connection {
    /// A JSON call to the peer on this very connection, whoever opened it.
    pub fn json(&self, service: &str, endpoint: &str) -> Call {
        Call::like(self.call(service, endpoint))
    }
}
