//! Handlers of endpoints.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tchannel_proto::wire::ErrorCode;
use tchannel_schemes::json::{decode, encode};

use super::{Context, Failure, SCHEME};
use crate::shared::schemes::{Asked, rejection};
use crate::shared::serve::{Reject, Reply, Request};
use crate::shared::subchannel::SubChannel;

impl SubChannel {
    /// Has an endpoint answered by a function of its body. What is no JSON, or not of that type, is a bad request that
    /// the function is not asked about.
    pub fn register_json<T, R, F, A>(&self, endpoint: &str, handler: F) -> &Self
    where
        T: DeserializeOwned + Send + 'static,
        R: Serialize + Send + 'static,
        F: Fn(Context, T) -> A + Send + Sync + 'static,
        A: Future<Output = Result<R, Failure>> + Send + 'static,
    {
        self.register_as(SCHEME, endpoint, move |request: Request| {
            let begun = asked(request).map(|(context, body)| {
                let work = handler(context.clone(), body);
                (context, work)
            });
            async move {
                let (context, work) = begun?;
                answer(&context, work.await)
            }
        })
    }
}

fn asked<T: DeserializeOwned>(request: Request) -> Result<(Context, T), Reject> {
    let Asked { context, body } = Asked::of(request)?;
    let body = decode(&body).map_err(|error| Reject::new(ErrorCode::BadRequest, error.answer()))?;
    Ok((context, body))
}

fn answer<R: Serialize>(context: &Context, result: Result<R, Failure>) -> Result<Reply, Reject> {
    let arg2 = context.take_answer().encode()?;
    match result {
        Ok(value) => Ok(Reply::ok(arg2, encode(&value)?)),
        Err(Failure::Error(error)) => Ok(Reply::not_ok(arg2, error.encode()?)),
        Err(Failure::Unexpected(error)) => Err(rejection(error)),
    }
}
