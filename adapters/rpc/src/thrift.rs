//! Thrift over TChannel: generated clients and handlers, and what they are made of.
//!
//! From a Thrift file, `tchannel_idl::generate` makes Rust types, a client and a handler trait for each service. A client
//! is made with [`Calls`], which [`Channel::thrift`](crate::Channel::thrift) gives; a handler is registered with a
//! [`SubChannel`](crate::SubChannel). Both work on every runtime.
//!
//! | what happened | client | server |
//! |---|---|---|
//! | value, also `false`, 0 and empty | `Ok` | `Ok` |
//! | exception that the method declares | [`CallError::Exception`] of the generated enum | `Err(exception.into())`, or `?` |
//! | any other failure of the handler | [`CallError::Failed`], `unexpected` | [`Failure::unexpected`], also by [`reject`] |
//! | arguments or answer that cannot be read | [`CallError::Failed`], `bad request` | the handler is not asked |
//! | no value where there has to be one | [`Error::ValueExpected`] | |
//! | exception that only the server's IDL knows | [`Error::UnknownException`] | |
//!
//! Every server answers the [Meta service](meta), under its own name and under `tchannel`.

pub use tchannel_schemes::thrift::*;

pub use crate::shared::schemes::thrift::{
    Answer, Blocking, Call, CallError, Calls, Context, Sent, Value, reject,
};
