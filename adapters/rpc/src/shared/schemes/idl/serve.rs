//! Handlers of methods.

use std::future::Future;

use serde_json::Value as Json;
use tchannel_idl::dynamic::{Method, Thrown};
use tchannel_proto::wire::ErrorCode;
use tchannel_schemes::thrift::{Error, Failure};

use crate::shared::schemes::thrift::{Context, SCHEME};
use crate::shared::schemes::{Asked, rejection};
use crate::shared::serve::{Reject, Reply, Request};
use crate::shared::subchannel::SubChannel;

impl SubChannel {
    /// Has a method of an IDL answered by a function of its arguments, an object by their names. It gives what the method
    /// returns, `null` for void, or an exception by the name that the method gives it.
    ///
    /// What is not of the declared type is a failure of the handler: `unexpected error`. Refuses a `oneway` method; then
    /// nothing changed.
    pub fn register_idl<F, A>(&self, method: &Method, handler: F) -> Result<&Self, Error>
    where
        F: Fn(Context, Json) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Json, Failure<Thrown>>> + Send + 'static,
    {
        method.callable()?;
        let known = method.clone();
        let serve = move |request: Request| {
            let begun = asked(&known, request).map(|(context, arguments)| {
                let work = handler(context.clone(), arguments);
                (context, work)
            });
            let method = known.clone();
            async move {
                let (context, work) = begun?;
                let result = match work.await {
                    Ok(value) => Ok(value),
                    Err(Failure::Exception(thrown)) => Err(thrown),
                    Err(Failure::Unexpected(error)) => return Err(rejection(error)),
                };
                let (arg2, arg3) = (context.take_answer().encode()?, method.encode_result(&result)?);
                Ok(if result.is_ok() { Reply::ok(arg2, arg3) } else { Reply::not_ok(arg2, arg3) })
            }
        };
        Ok(self.register_as(SCHEME, method.endpoint().as_bytes(), serve))
    }
}

/// What cannot be read is the caller's fault.
fn asked(method: &Method, request: Request) -> Result<(Context, Json), Reject> {
    let Asked { context, body } = Asked::of(request)?;
    let arguments =
        method.decode_args(&body).map_err(|error| Reject::new(ErrorCode::BadRequest, error.to_string()))?;
    Ok((context, arguments))
}
