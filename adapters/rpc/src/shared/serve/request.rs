//! What a handler is given.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tchannel_mesh::Parent;
use tchannel_proto::wire::{ChecksumKind, Flags, Headers, Scheme, Tracing};
use tchannel_proto::{Args, Remote, RequestHead};

use crate::shared::host::Host;
#[cfg(feature = "thrift")]
use crate::shared::hub::Hub;
use crate::shared::link::Link;
use crate::shared::outbound::Outbound;

/// What every request says before its arguments.
pub(super) struct About {
    pub(super) id: u32,
    pub(super) head: RequestHead,
    pub(super) link: Arc<Link>,
}

/// What can be asked of a request, whole or not, that has a field `about`.
macro_rules! about_the_request {
    ($kind:ty) => {
        impl $kind {
            /// Its id on the wire.
            pub fn id(&self) -> u32 {
                self.about.id
            }

            /// The service that is called.
            pub fn service(&self) -> &str {
                self.about.head.service()
            }

            /// The endpoint that is called, as text for people: lossy, at most 100 characters.
            pub fn endpoint(&self) -> Cow<'_, str> {
                self.about.head.endpoint()
            }

            /// The endpoint that is called, as it was sent.
            pub fn arg1(&self) -> &Bytes {
                &self.about.head.arg1
            }

            /// The caller's service; empty if it did not say.
            pub fn caller(&self) -> &str {
                self.headers().caller().unwrap_or_default()
            }

            /// How the arguments are encoded; raw if the caller did not say.
            pub fn scheme(&self) -> Scheme<'_> {
                self.headers().scheme().unwrap_or(Scheme::Raw)
            }

            /// All transport headers.
            pub fn headers(&self) -> Headers<'_> {
                self.about.head.headers()
            }

            /// Time until the caller stops waiting.
            pub fn ttl(&self) -> Duration {
                self.about.head.deadline.since(self.about.link.hub.clock.now())
            }

            /// What calls that this one causes are told by [`Outbound::parent`](crate::Outbound::parent): they go on in
            /// its trace, and wait no longer than its caller does. To send them the same way, too:
            /// [`Outbound::routed_as`](crate::Outbound::routed_as).
            pub fn child(&self) -> Parent {
                Parent { tracing: self.about.head.tracing, deadline: self.about.head.deadline }
            }

            /// Identity of the call in traces.
            pub fn tracing(&self) -> Tracing {
                self.about.head.tracing
            }

            /// How its argument bytes were protected.
            pub fn checksum(&self) -> ChecksumKind {
                self.about.head.checksum
            }

            /// The flags of its first frame.
            pub fn flags(&self) -> Flags {
                self.about.head.flags
            }

            /// The peer as it introduced itself.
            pub fn remote(&self) -> Option<Arc<Remote>> {
                self.about.link.remote().cloned()
            }

            /// The connection that it came on: to call the caller back, or to close it.
            pub fn connection(&self) -> Connection {
                Connection { link: self.about.link.clone() }
            }
        }
    };
}
pub(super) use about_the_request;

/// A whole request.
pub struct Request {
    about: About,
    args: Args,
}

about_the_request!(Request);

impl Request {
    pub(super) fn new(about: About, args: Args) -> Self {
        Request { about, args }
    }

    #[cfg(feature = "thrift")]
    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.about.link.hub
    }

    /// The application headers, as the scheme encodes them.
    pub fn arg2(&self) -> &Bytes {
        &self.args.arg2
    }

    /// The body in the pieces in which it came.
    pub fn arg3(&self) -> &[Bytes] {
        &self.args.arg3
    }

    /// The body in one piece; copies only if it came in several.
    pub fn body(&self) -> Bytes {
        self.args.body()
    }

    /// Takes the arguments.
    pub fn into_args(self) -> Args {
        self.args
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("head", &self.about.head)
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

/// One connection.
#[derive(Clone)]
pub struct Connection {
    pub(super) link: Arc<Link>,
}

impl Connection {
    pub(crate) fn of(link: Arc<Link>) -> Self {
        Connection { link }
    }

    /// The host that was dialled, or the address that dialled us.
    pub fn host(&self) -> Host {
        self.link.peer.clone()
    }

    /// The peer as it introduced itself; `None` before the handshake.
    pub fn remote(&self) -> Option<Arc<Remote>> {
        self.link.remote().cloned()
    }

    /// Who is at the other end, as far as the stream knows: for TLS, the peer's certificates. `None` if the stream knows
    /// nothing, or something else than a `T`.
    pub fn identity<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.link.identity()?.clone().downcast().ok()
    }

    /// A call to the peer on this very connection, whoever opened it.
    pub fn call(&self, service: &str, endpoint: impl AsRef<[u8]>) -> Outbound {
        Outbound::on(&self.link, service, endpoint.as_ref())
    }

    /// Closes it now. Calls in flight fail, on both sides.
    pub fn close(&self) {
        self.link.close();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.link.peer).finish()
    }
}
