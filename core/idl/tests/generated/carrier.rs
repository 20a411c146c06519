//! A server and a client in one: calls are bytes, and are answered where they are made.

use std::collections::HashMap;
use std::future::{Future, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tchannel_schemes::thrift::{
    Caller, DecodeError, EncodeError, Error, Failure, Method, Register, decode, decode_reply, encode,
    encode_reply,
};

/// What a handler is told of a call.
pub(crate) struct Peer(pub(crate) &'static str);

type Answer = Box<dyn Fn(Peer, Bytes) -> Result<Bytes, String> + Send + Sync>;

/// The methods of a server.
#[derive(Default)]
pub(crate) struct Server(HashMap<&'static str, Answer>);

impl Server {
    pub(crate) fn endpoints(&self) -> Vec<&'static str> {
        let mut endpoints: Vec<&'static str> = self.0.keys().copied().collect();
        endpoints.sort_unstable();
        endpoints
    }
}

impl Register for Server {
    type Context = Peer;

    fn register<M, F, A>(&mut self, handler: F)
    where
        M: Method,
        F: Fn(Peer, M::Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<M::Success, Failure<M::Exceptions>>> + Send + 'static,
    {
        let answer = move |peer, arg3: Bytes| {
            let request = decode(&arg3).map_err(|error: DecodeError| error.to_string())?;
            let reply = match finished(handler(peer, request)) {
                Ok(value) => Ok(value),
                Err(Failure::Exception(exception)) => Err(exception),
                Err(Failure::Unexpected(error)) => return Err(error.to_string()),
            };
            encode_reply::<M>(&reply).map_err(|error: EncodeError| error.to_string())
        };
        assert!(
            self.0.insert(M::ENDPOINT, Box::new(answer)).is_none(),
            "{} is registered twice",
            M::ENDPOINT
        );
    }
}

/// Handlers here wait for nothing.
fn finished<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// A blocking caller: a call is its answer.
#[derive(Clone)]
pub(crate) struct Blocking(pub(crate) Arc<Server>);

/// Why there is no value.
#[derive(Debug, PartialEq)]
pub(crate) enum Failed<E> {
    Thrown(E),
    Unreadable(Error),
    Refused(String),
}

impl Caller for Blocking {
    type Call<M: Method> = Result<M::Success, Failed<M::Exceptions>>;

    fn call<M: Method>(&self, request: M::Request) -> Self::Call<M> {
        let arg3 = encode(&request).map_err(|error| Failed::Refused(error.to_string()))?;
        let answer =
            self.0.0.get(M::ENDPOINT).ok_or_else(|| Failed::Refused(format!("no {}", M::ENDPOINT)))?;
        let reply = answer(Peer("tester"), arg3).map_err(Failed::Refused)?;
        decode_reply::<M>(&reply).map_err(Failed::Unreadable)?.map_err(Failed::Thrown)
    }
}

/// An asynchronous caller: a call is a request that waits to be sent.
pub(crate) struct Deferred(pub(crate) Arc<Server>);

/// A call that can be made as often as one likes.
pub(crate) struct Call<M: Method> {
    pub(crate) request: M::Request,
    server: Arc<Server>,
}

impl<M: Method<Request: Clone>> Call<M> {
    pub(crate) fn send(&self) -> impl Future<Output = Result<M::Success, Failed<M::Exceptions>>> {
        ready(Blocking(Arc::clone(&self.server)).call::<M>(self.request.clone()))
    }
}

impl Caller for Deferred {
    type Call<M: Method> = Call<M>;

    fn call<M: Method>(&self, request: M::Request) -> Call<M> {
        Call { request, server: Arc::clone(&self.0) }
    }
}

/// Runs what waits for nothing.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    finished(future)
}
