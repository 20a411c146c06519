//! What a typed handler is told of a request, besides what it is asked.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tchannel_mesh::Parent;
use tchannel_proto::wire::ErrorCode;

use crate::shared::lock;
use crate::shared::serve::{Reject, Request};

/// What a typed handler is told of a call beside its request: who calls, how long there is time, headers. Cheap to clone.
///
/// `H` are the application headers of the arg scheme.
#[derive(Clone)]
pub struct Context<H> {
    told: Arc<Told<H>>,
}

struct Told<H> {
    request: Request,
    headers: H,
    answer: Mutex<H>,
}

/// Application headers of an arg scheme.
pub(crate) trait AppHeaders: Default {
    fn decoded(arg2: &Bytes) -> Result<Self, String>;
    fn put(&mut self, name: String, value: String);
}

/// A request whose headers are read, and its body.
pub(crate) struct Asked<H> {
    pub(crate) context: Context<H>,
    pub(crate) body: Bytes,
}

impl<H: AppHeaders> Asked<H> {
    /// Reads the headers; what cannot be read is the caller's fault.
    pub(crate) fn of(request: Request) -> Result<Self, Reject> {
        let headers =
            H::decoded(request.arg2()).map_err(|words| Reject::new(ErrorCode::BadRequest, words))?;
        let body = request.body();
        let told = Told { request, headers, answer: Mutex::new(H::default()) };
        Ok(Asked { context: Context { told: Arc::new(told) }, body })
    }
}

impl<H> Context<H> {
    /// The request as it came: service, endpoint, transport headers, flags, the peer and its connection.
    pub fn request(&self) -> &Request {
        &self.told.request
    }

    /// The application headers of the request.
    pub fn headers(&self) -> &H {
        &self.told.headers
    }

    /// What calls that this one causes are told by [`Outbound::parent`](crate::Outbound::parent): they go on in its trace,
    /// and wait no longer than its caller does.
    pub fn child(&self) -> Parent {
        self.told.request.child()
    }

    /// Time until the caller stops waiting.
    pub fn ttl(&self) -> Duration {
        self.told.request.ttl()
    }

    /// The caller's service; empty if it did not say.
    pub fn caller(&self) -> &str {
        self.told.request.caller()
    }

    /// The application headers of the answer, as said so far.
    pub(crate) fn take_answer(&self) -> H
    where
        H: Default,
    {
        mem::take(&mut lock(&self.told.answer))
    }
}

#[allow(private_bounds, reason = "the two kinds of headers are all that there are")]
impl<H: AppHeaders> Context<H> {
    /// Gives the answer an application header, whatever the answer is; an error frame has none.
    pub fn set_header(&self, name: impl Into<String>, value: impl Into<String>) {
        lock(&self.told.answer).put(name.into(), value.into());
    }
}

impl<H: fmt::Debug> fmt::Debug for Context<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("request", &self.told.request)
            .field("headers", &self.told.headers)
            .finish_non_exhaustive()
    }
}
