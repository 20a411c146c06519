//! Handlers of methods.

use std::future::Future;

use tchannel_proto::wire::ErrorCode;
use tchannel_schemes::thrift::{Error, Failure, Method, Register, check_method, decode, encode_reply};

use super::{Context, SCHEME};
use crate::shared::schemes::{Asked, rejection};
use crate::shared::serve::{Handler, Reject, Reply, Request};
use crate::shared::subchannel::SubChannel;

/// Generated `register` functions have a service answered here, and the Meta service beside it.
///
/// A `oneway` method does not compile: TChannel has no such calls.
///
/// ```compile_fail
/// use tchannel_rpc::thrift::{Failure, Method, Register, meta};
///
/// enum Forget {}
/// impl Method for Forget {
///     const SERVICE: &'static str = "KeyValue";
///     const NAME: &'static str = "forget";
///     const ENDPOINT: &'static str = "KeyValue::forget";
///     const ONEWAY: bool = true;
///     type Request = meta::NoArgs;
///     type Success = ();
///     type Exceptions = std::convert::Infallible;
/// }
///
/// fn main() {
///     let channel = tchannel_rpc::tokio::channel("keyvalue").unwrap();
///     let mut service = channel.service("keyvalue").unwrap();
///     Register::register::<Forget, _, _>(&mut service, async |_, _| Ok(()));
/// }
/// ```
impl Register for SubChannel {
    type Context = Context;

    /// `Meta::thriftIDL` tells them, unless they are [hidden](SubChannel::hide_thrift_idl) or others are
    /// [said](SubChannel::thrift_idl).
    fn thrift_files(&mut self, files: &[(&str, &str)]) {
        self.channel().hub.idls.bring(self.name(), files);
    }

    fn register<M, F, A>(&mut self, handler: F)
    where
        M: Method,
        F: Fn(Context, M::Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<M::Success, Failure<M::Exceptions>>> + Send + 'static,
    {
        const { assert!(!M::ONEWAY, "TChannel has no oneway calls: remove `oneway` from the method") };
        self.register_as(SCHEME, M::ENDPOINT, served::<M, F, A>(handler));
    }
}

impl SubChannel {
    /// Has one method answered by a function. Generated `register` functions do it for all methods of a service.
    ///
    /// Refuses a `oneway` method; then nothing changed.
    pub fn register_thrift<M, F, A>(&self, handler: F) -> Result<&Self, Error>
    where
        M: Method,
        F: Fn(Context, M::Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<M::Success, Failure<M::Exceptions>>> + Send + 'static,
    {
        check_method::<M>()?;
        Ok(self.register_as(SCHEME, M::ENDPOINT, served::<M, F, A>(handler)))
    }
}

fn served<M, F, A>(handler: F) -> impl Handler
where
    M: Method,
    F: Fn(Context, M::Request) -> A + Send + Sync + 'static,
    A: Future<Output = Result<M::Success, Failure<M::Exceptions>>> + Send + 'static,
{
    move |request: Request| {
        let begun = asked::<M>(request).map(|(context, arguments)| {
            let work = handler(context.clone(), arguments);
            (context, work)
        });
        async move {
            let (context, work) = begun?;
            let reply = match work.await {
                Ok(value) => Ok(value),
                Err(Failure::Exception(exception)) => Err(exception),
                Err(Failure::Unexpected(error)) => return Err(rejection(error)),
            };
            answer::<M>(&context, &reply)
        }
    }
}

/// A value or an exception, with the headers that the handler gave it.
pub(crate) fn answer<M: Method>(
    context: &Context,
    reply: &Result<M::Success, M::Exceptions>,
) -> Result<Reply, Reject> {
    let (arg2, arg3) = (context.take_answer().encode()?, encode_reply::<M>(reply)?);
    Ok(if reply.is_ok() { Reply::ok(arg2, arg3) } else { Reply::not_ok(arg2, arg3) })
}

/// What cannot be read is the caller's fault.
pub(super) fn asked<M: Method>(request: Request) -> Result<(Context, M::Request), Reject> {
    let Asked { context, body } = Asked::of(request)?;
    let arguments = decode(&body).map_err(|error| Reject::new(ErrorCode::BadRequest, error.to_string()))?;
    Ok((context, arguments))
}
