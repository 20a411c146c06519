//! A typed call on its way: bytes that are not read yet.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Place;
use crate::shared::call::{Call, Response};
use crate::shared::error::CallError;
use crate::shared::outbound::Outbound;
use crate::shared::turns::{OneCall, Reading};

/// A call that waits for its answer, or that there is no use to wait for.
pub(crate) enum Unfinished<R> {
    Refused(Option<R>),
    Sent { call: Call, place: Place },
}

impl<R> Unfinished<R> {
    /// Sends it, if there is something to send.
    pub(crate) fn send(outbound: Result<Outbound, R>) -> Self {
        match outbound {
            Ok(outbound) => {
                let place = outbound.place();
                Unfinished::Sent { call: outbound.send(), place }
            }
            Err(refusal) => Unfinished::Refused(Some(refusal)),
        }
    }

    /// The answer, with its place; or why there is none.
    pub(crate) fn poll<E: From<R> + From<CallError>>(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(Response, &Place), E>> {
        match self {
            Unfinished::Refused(refusal) => {
                let refusal = refusal.take().expect("a call is not polled after its end");
                Poll::Ready(Err(refusal.into()))
            }
            Unfinished::Sent { call, place } => match Pin::new(call).poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(response)) => Poll::Ready(Ok((response, place))),
                Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
            },
        }
    }
}

impl<R> Unfinished<R> {
    /// The turn to read its answer, if its caller is to have it.
    pub(crate) fn reading(&self) -> Option<Reading> {
        match self {
            Unfinished::Refused(_) => None,
            Unfinished::Sent { call, .. } => call.reading(),
        }
    }
}

impl<R> fmt::Debug for Unfinished<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfinished::Refused(_) => f.write_str("Refused"),
            Unfinished::Sent { call, .. } => call.fmt(f),
        }
    }
}
