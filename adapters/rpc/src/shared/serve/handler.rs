//! What serves an endpoint.

use std::future::Future;

use super::{Reject, Reply, Request, Responder, StreamedRequest};

/// Answers requests. Any `async fn(Request) -> Result<Reply, Reject>` is one.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped, at whatever it waits for, once nobody waits for the answer any more.
    fn handle(&self, request: Request) -> impl Future<Output = Result<Reply, Reject>> + Send + 'static;
}

impl<F, R> Handler for F
where
    F: Fn(Request) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Reply, Reject>> + Send + 'static,
{
    fn handle(&self, request: Request) -> impl Future<Output = Result<Reply, Reject>> + Send + 'static {
        self(request)
    }
}

/// Answers requests while they arrive. Any `async fn(StreamedRequest, Responder) -> Result<(), Reject>` is one.
pub trait StreamedHandler: Send + Sync + 'static {
    /// Answers one request, whole or in parts.
    ///
    /// An error goes to the caller also when a part of the answer has left already; not if the answer is finished or
    /// was refused. Without an error the answer has to be finished, or be in other hands.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped, at whatever it waits for, once nobody waits for the answer any more.
    fn handle(
        &self,
        request: StreamedRequest,
        responder: Responder,
    ) -> impl Future<Output = Result<(), Reject>> + Send + 'static;
}

impl<F, R> StreamedHandler for F
where
    F: Fn(StreamedRequest, Responder) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), Reject>> + Send + 'static,
{
    fn handle(
        &self,
        request: StreamedRequest,
        responder: Responder,
    ) -> impl Future<Output = Result<(), Reject>> + Send + 'static {
        self(request, responder)
    }
}
