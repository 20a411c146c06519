//! Calls whose requests or results are streams.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tchannel_schemes::thrift::{
    Error, Headers, HeadersError, Method, RequestStream, Struct, decode_reply, encode_request,
};

use super::chunked::Chunked;
use super::{Arguments, Incoming, SCHEME};
use crate::shared::schemes::thrift::{CallError, Calls, unreadable};
use crate::shared::schemes::{Place, Source};
use crate::shared::stream::{BodyReader, BodyWriter, StreamedCall};

impl Calls {
    /// Calls a method with a stream of arguments, and reads a stream of results. Neither waits for the other.
    ///
    /// The headers leave at once, the arguments as they are sent.
    pub fn exchange<M>(&self) -> (Arguments<M::Item>, Call<M>)
    where
        M: RequestStream<Success: Struct>,
    {
        let (body, opened) = self.open::<M>();
        let arguments = Arguments::new(body);
        (arguments, Call::new(async move { begun(opened?).await?.results().await }))
    }

    /// Calls a method with a stream of arguments; its answer is one, as in scheme `thrift`.
    pub fn upload<M: RequestStream>(&self) -> (Arguments<M::Item>, Uploaded<M>) {
        let (body, opened) = self.open::<M>();
        let arguments = Arguments::new(body);
        (arguments, Uploaded::new(async move { begun(opened?).await?.value().await }))
    }

    /// Calls a method with one request, as in scheme `thrift`, and reads a stream of results. Nothing is sent before
    /// the call is polled.
    pub fn download<M: Method<Success: Struct>>(&self, request: &M::Request) -> Call<M> {
        let arguments = encode_request::<M>(request);
        let calls = self.clone();
        Call::new(async move {
            let arguments = arguments?;
            let (body, opened) = calls.open::<M>();
            let mut body = body?;
            // What goes wrong with the request, the answer knows better.
            if body.write(arguments).await.is_ok() {
                let _ = body.finish().await;
            }
            begun(opened?).await?.results().await
        })
    }

    fn open<M: Method>(&self) -> (Result<Chunked, HeadersError>, Result<Opened<M>, HeadersError>) {
        const { assert!(!M::ONEWAY, "TChannel has no oneway calls: remove `oneway` from the method") };
        let (outbound, headers) = self.parts();
        let arg2 = match headers.encode() {
            Ok(arg2) => arg2,
            Err(error) => return (Err(error.clone()), Err(error)),
        };
        let outbound = outbound.endpoint(M::ENDPOINT).scheme(SCHEME).arg2(Bytes::new()).arg3_pieces([]);
        let place = outbound.place();
        let (body, call): (BodyWriter, StreamedCall) = outbound.open();
        let mut body = Chunked::new(body, arg2);
        body.hurry();
        (Ok(body), Ok(Opened { call, place, method: std::marker::PhantomData }))
    }
}

/// A call that waits for its answer.
struct Opened<M> {
    call: StreamedCall,
    place: Place,
    method: std::marker::PhantomData<fn() -> M>,
}

/// An answer whose headers came.
struct Begun<M> {
    ok: bool,
    headers: Headers,
    body: BodyReader,
    source: Source,
    place: Place,
    method: std::marker::PhantomData<fn() -> M>,
}

async fn begun<M: Method>(opened: Opened<M>) -> Result<Begun<M>, CallError<M::Exceptions>> {
    let Opened { call, place, method } = opened;
    let response = call.await?;
    let (ok, source) = (response.ok(), Source::from(&response));
    let mut body = response.into_body();
    let arg2 = body.arg2().await.map_err(|error| place.unread(source.clone(), error))?;
    let headers = Headers::decode(&arg2)
        .map_err(|error| place.unreadable(source.clone(), unreadable(M::ENDPOINT, &error)))?;
    Ok(Begun { ok, headers, body, source, place, method })
}

impl<M: Method> Begun<M> {
    /// The stream, unless the answer is not ok: then it is none, and has to say why.
    async fn results(self) -> Result<Answer<M::Success>, CallError<M::Exceptions>>
    where
        M::Success: Struct,
    {
        if self.ok {
            return Ok(Answer { headers: self.headers, results: Incoming::new(self.body) });
        }
        match self.value().await {
            Ok(_) => Err(Error::ValueExpected { endpoint: M::ENDPOINT.into() }.into()),
            Err(error) => Err(error),
        }
    }

    /// The one answer. As in scheme `thrift`, its struct says what it is, not its code.
    async fn value(mut self) -> Result<M::Success, CallError<M::Exceptions>> {
        let arg3 = self.body.arg3().await.map_err(|error| self.place.unread(self.source.clone(), error))?;
        match decode_reply::<M>(&arg3) {
            Ok(answer) => answer.map_err(CallError::Exception),
            Err(error @ Error::Unreadable { .. }) => {
                Err(self.place.unreadable(self.source, error.to_string()).into())
            }
            Err(
                error @ (Error::OneWayNotSupported { .. }
                | Error::ValueExpected { .. }
                | Error::UnknownException { .. }
                | Error::Unwritable { .. }),
            ) => Err(error.into()),
        }
    }
}

/// Results that have begun to arrive, and what came with them.
#[derive(Debug)]
pub struct Answer<T> {
    /// Application headers.
    pub headers: Headers,
    /// The results.
    pub results: Incoming<T>,
}

type Work<T, E> = Pin<Box<dyn Future<Output = Result<T, CallError<E>>> + Send>>;

macro_rules! call {
    ($(#[$doc:meta])* $name:ident, $output:ty) => {
        $(#[$doc])*
        ///
        /// # Cancel safety
        ///
        /// Dropping it cancels the call; waiting for `&mut` of it does not.
        #[must_use = "a call that is dropped is cancelled"]
        pub struct $name<M: Method>(Work<$output, M::Exceptions>);

        impl<M: Method> $name<M> {
            fn new(
                work: impl Future<Output = Result<$output, CallError<M::Exceptions>>> + Send + 'static,
            ) -> Self {
                $name(Box::pin(work))
            }
        }

        impl<M: Method> Future for $name<M> {
            type Output = Result<$output, CallError<M::Exceptions>>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                self.0.as_mut().poll(cx)
            }
        }

        impl<M: Method> fmt::Debug for $name<M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&M::ENDPOINT).finish()
            }
        }
    };
}

call! {
    /// A call on its way, to the beginning of its results; or to its exception, which comes before any result.
    Call, Answer<M::Success>
}

call! {
    /// A call on its way, to its value or exception.
    Uploaded, M::Success
}
