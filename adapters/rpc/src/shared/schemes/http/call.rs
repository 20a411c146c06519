//! Requests.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tchannel_schemes::http::{LengthOrder, Request, Response};

use super::{CallError, SCHEME};
use crate::shared::channel::{Channel, Handle};
use crate::shared::outbound::Outbound;
use crate::shared::schemes::{Place, Source, outbound_options};
use crate::shared::serve::Connection;
use crate::shared::stream::{BodyError, BodyReader, BodyWriter, StreamedCall};
use crate::shared::subchannel::SubChannel;

/// Where HTTP requests go, and what is said of each. A plain value that keeps its channel open, unless it is for one
/// connection.
#[derive(Clone)]
#[must_use = "it does nothing by itself: send requests with it"]
pub struct Calls {
    outbound: Outbound,
    _channel: Option<Arc<Handle>>,
}

impl Calls {
    /// Calls like this one: to its service and endpoint, with its options. Its scheme and arguments do not count. They do
    /// not keep its channel open.
    pub fn like(call: Outbound) -> Self {
        Calls { outbound: call, _channel: None }
    }

    outbound_options!();

    /// Begins a request whose body is written bit by bit. What is written to the body is the request's, until it is
    /// finished; dropped before, it cancels the call.
    ///
    /// Waits only where the length of the URL says so: from 128 bytes on, how it is written depends on the peer, which
    /// has to introduce itself first. The call has one attempt.
    pub async fn open(&self, request: &Request) -> Result<(BodyWriter, Call), CallError> {
        let [most_first, least_first] =
            [LengthOrder::MostSignificantFirst, LengthOrder::LeastSignificantFirst]
                .map(|order| request.encode(order));
        let (most_first, least_first) = (most_first?, least_first?);
        let outbound = self.outbound.clone().scheme(SCHEME).arg2(Bytes::new()).arg3_pieces([]);
        let place = outbound.place();
        let (mut body, call) = outbound.open();
        let begun = async {
            let either = most_first == least_first;
            let order = if either { None } else { Some(LengthOrder::of(&body.peer().await?.language)) };
            let arg2 = match order {
                None | Some(LengthOrder::MostSignificantFirst) => most_first,
                Some(LengthOrder::LeastSignificantFirst) => least_first,
            };
            body.arg2(arg2).await
        };
        match begun.await {
            Err(BodyError::Call(error)) => Err(error.into()),
            // An answer came already; the call has it.
            Ok(()) | Err(_) => Ok((body, Call(Box::pin(answered(call, place))))),
        }
    }

    /// Sends a request with its body, and waits for the beginning of the response.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the call.
    pub async fn send(&self, request: &Request, body: impl Into<Bytes>) -> Result<Answer, CallError> {
        let bytes = body.into();
        let (mut body, call) = self.open(request).await?;
        // What goes wrong with the request, the answer knows better.
        if bytes.is_empty() || body.write(bytes).await.is_ok() {
            let _ = body.finish();
        }
        Ok(call.await?)
    }

    fn outbound(mut self, change: impl FnOnce(Outbound) -> Outbound) -> Self {
        self.outbound = change(self.outbound);
        self
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("outbound", &self.outbound).finish_non_exhaustive()
    }
}

/// A request on its way, to the beginning of its response.
///
/// # Cancel safety
///
/// Dropping it cancels the call; waiting for `&mut` of it does not.
#[must_use = "a call that is dropped is cancelled"]
pub struct Call(Pin<Box<dyn Future<Output = Result<Answer, crate::CallError>> + Send>>);

impl Future for Call {
    type Output = Result<Answer, crate::CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

/// A response that has begun: whatever its status, it is one.
#[derive(Debug)]
pub struct Answer {
    /// Status and headers.
    pub head: Response,
    /// The body. Dropped before its end, it cancels the call.
    pub body: BodyReader,
}

async fn answered(call: StreamedCall, place: Place) -> Result<Answer, crate::CallError> {
    let response = call.await?;
    let source = Source::from(&response);
    let mut body = response.into_body();
    let arg2 = body.arg2().await.map_err(|error| place.unread(source.clone(), error))?;
    let head = Response::decode(&arg2)
        .map_err(|error| place.unreadable(source, format!("cannot read the response: {error}")))?;
    Ok(Answer { head, body })
}

impl Channel {
    /// HTTP requests to a service: to a peer of the list, unless they name a [`host`](Calls::host).
    pub fn http(&self, service: &str) -> Calls {
        Calls { outbound: self.call(service, ""), _channel: Some(self.handle().clone()) }
    }
}

impl SubChannel {
    /// HTTP requests to it, in the style of [`call`](SubChannel::call).
    pub fn http(&self) -> Calls {
        Calls { outbound: self.call(""), _channel: Some(self.channel().clone()) }
    }
}

impl Connection {
    /// HTTP requests to the peer on this very connection, whoever opened it.
    pub fn http(&self, service: &str) -> Calls {
        Calls::like(self.call(service, ""))
    }
}
