//! Where calls go: the caller that generated clients are made of.

use std::fmt;
use std::sync::Arc;

use tchannel_schemes::thrift::{Caller, Headers, Method};

use super::{Blocking, Call};
use crate::shared::channel::{Channel, Handle};
use crate::shared::outbound::Outbound;
use crate::shared::schemes::{header_options, outbound_options};
use crate::shared::serve::Connection;
use crate::shared::subchannel::SubChannel;

/// Where Thrift calls go, and what is said of each: what a generated client makes its calls with. A plain value that keeps
/// its channel open, unless it is for one connection.
#[derive(Clone)]
#[must_use = "it does nothing by itself: make a client of it"]
pub struct Calls {
    outbound: Outbound,
    headers: Headers,
    _channel: Option<Arc<Handle>>,
}

impl Calls {
    /// Calls like this one: to its service, with its options. Its endpoint, scheme and arguments do not count. They do not
    /// keep its channel open.
    pub fn like(call: Outbound) -> Self {
        Calls { outbound: call, headers: Headers::new(), _channel: None }
    }

    fn of(channel: &Arc<Handle>, call: Outbound) -> Self {
        Calls { _channel: Some(channel.clone()), ..Calls::like(call) }
    }

    outbound_options!();
    header_options!();

    /// The same for threads without a runtime: a generated client's functions then give the answers themselves.
    pub fn blocking(self) -> Blocking {
        Blocking::new(self)
    }

    /// What every call begins with.
    #[cfg(any(feature = "idl", feature = "sthrift"))]
    pub(crate) fn parts(&self) -> (Outbound, Headers) {
        (self.outbound.clone(), self.headers.clone())
    }

    fn outbound(mut self, change: impl FnOnce(Outbound) -> Outbound) -> Self {
        self.outbound = change(self.outbound);
        self
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls")
            .field("outbound", &self.outbound)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl Caller for Calls {
    type Call<M: Method> = Call<M>;

    fn call<M: Method>(&self, request: M::Request) -> Call<M> {
        Call::new(self.outbound.clone(), self.headers.clone(), &request)
    }
}

/// Calls are as those of [`SubChannel::call`].
impl Caller for SubChannel {
    type Call<M: Method> = Call<M>;

    fn call<M: Method>(&self, request: M::Request) -> Call<M> {
        Call::new(SubChannel::call(self, M::ENDPOINT), Headers::new(), &request)
    }
}

impl Channel {
    /// Thrift calls to a service: to a peer of the list, unless they name a [`host`](Calls::host). A generated client is
    /// made with it.
    pub fn thrift(&self, service: &str) -> Calls {
        Calls::of(self.handle(), self.call(service, ""))
    }
}

impl SubChannel {
    /// Thrift calls to it, in the style of [`call`](SubChannel::call). A generated client is made with it.
    pub fn thrift(&self) -> Calls {
        Calls::of(self.channel(), self.call(""))
    }
}

impl Connection {
    /// Thrift calls to the peer on this very connection, whoever opened it.
    pub fn thrift(&self, service: &str) -> Calls {
        Calls::like(self.call(service, ""))
    }
}
