//! Handlers of requests.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use tchannel_proto::wire::ErrorCode;
use tchannel_schemes::http::{Error, LengthOrder, Request, Response};

use super::AnswerError;
use crate::shared::serve::{self, Endpoint, Reject, Reply, StreamedRequest};
use crate::shared::stream::{BodyReader, BodyWriter};
use crate::shared::subchannel::SubChannel;

/// A request, its body perhaps on its way.
#[derive(Debug)]
pub struct Asked {
    /// Method, URL and headers.
    pub head: Request,
    /// The body. Dropping it skips the rest.
    pub body: BodyReader,
    request: serve::Request,
}

impl Asked {
    /// The call that it came with, without its body: who calls, how long there is time, transport headers.
    pub fn request(&self) -> &serve::Request {
        &self.request
    }
}

/// The right to answer a request. Dropped without an answer, the caller gets the error that the handler returns, or
/// `unexpected error`.
#[must_use = "a request without an answer is refused"]
pub struct Responder {
    responder: serve::Responder,
    order: LengthOrder,
}

impl Responder {
    /// Begins the response; its body is written bit by bit and has to be finished.
    pub async fn respond(self, head: &Response) -> Result<BodyWriter, AnswerError> {
        let arg2 = head.encode(self.order)?;
        let mut body = self.responder.ok()?;
        body.arg2(arg2).await?;
        Ok(body)
    }

    /// Responds whole. Nobody learns it if nobody waits any more.
    pub fn reply(self, head: &Response, body: impl Into<Bytes>) -> Result<(), Error> {
        let arg2 = head.encode(self.order)?;
        self.responder.reply(Reply::ok(arg2, body));
        Ok(())
    }

    /// Refuses the request: the caller gets an error frame instead of a response.
    pub fn reject(self, reject: Reject) {
        self.responder.reject(reject);
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder").field("order", &self.order).finish_non_exhaustive()
    }
}

impl SubChannel {
    /// Has all calls with the scheme `http` answered by a function, whatever their endpoint. A request line that cannot
    /// be read is a bad request that the function is not asked about.
    ///
    /// An error of the function goes to the caller also when a part of the body has left already.
    pub fn serve_http<F, A>(&self, handler: F) -> &Self
    where
        F: Fn(Asked, Responder) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), Reject>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let serve = move |request: StreamedRequest, responder: serve::Responder| {
            let handler = handler.clone();
            async move {
                let language = request.remote().map(|remote| LengthOrder::of(&remote.language));
                let order = language.unwrap_or(LengthOrder::MostSignificantFirst);
                let (request, body) = request.apart().await?;
                let head = Request::decode(request.arg2())
                    .map_err(|error| Reject::new(ErrorCode::BadRequest, error.to_string()))?;
                handler(Asked { head, body, request }, Responder { responder, order }).await
            }
        };
        self.put_http(Endpoint::streamed(self.name(), b"(http)", serve))
    }
}
