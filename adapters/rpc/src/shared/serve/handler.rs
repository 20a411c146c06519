//! What serves an endpoint.

use std::future::Future;

use super::{Reject, Reply, Request};

/// Answers requests. Any `async fn(Request) -> Result<Reply, Reject>` is one.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. The future is dropped at once when nobody waits for the answer any more.
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
