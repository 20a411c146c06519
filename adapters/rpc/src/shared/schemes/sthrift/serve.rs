//! Handlers of methods whose requests or results are streams.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tchannel_proto::wire::ErrorCode;
use tchannel_schemes::thrift::{Failure, Method, RequestStream, Struct, decode};

use super::error::{LateException, rejected};
use super::results::{Slot, Stage};
use super::{Incoming, Results, SCHEME};
use crate::shared::lock;
use crate::shared::schemes::Asked;
use crate::shared::schemes::thrift::{Context, reply};
use crate::shared::serve::{Reject, Responder, StreamedRequest};
use crate::shared::stream::{BodyError, BodyReader};
use crate::shared::subchannel::SubChannel;

impl SubChannel {
    /// Has a method answered by a function of a stream of arguments, which sends a stream of results. Calls with another
    /// scheme than `sthrift` are refused as bad requests.
    ///
    /// The results end when the function does. An exception has to come before the first of them.
    pub fn register_exchange<M, F, A>(&self, handler: F) -> &Self
    where
        M: RequestStream<Success: Struct>,
        F: Fn(Context, Incoming<M::Item>, Results<M::Success>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), Failure<M::Exceptions>>> + Send + 'static,
    {
        self.register_stream::<M, _, _>(move |Streamed { context, body }, responder| {
            let (back, unreadable) = (Slot::default(), Arc::new(AtomicBool::new(false)));
            let results = Results::new(responder, context.clone(), &back);
            let work = handler(context.clone(), Incoming::asked(body, &unreadable), results);
            async move {
                let ended = work.await;
                end::<M>(&context, ended, &back, unreadable.load(Ordering::Relaxed)).await
            }
        })
    }

    /// Has a method answered by a function of a stream of arguments, with one answer as in scheme `thrift`.
    pub fn register_upload<M, F, A>(&self, handler: F) -> &Self
    where
        M: RequestStream,
        F: Fn(Context, Incoming<M::Item>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<M::Success, Failure<M::Exceptions>>> + Send + 'static,
    {
        self.register_stream::<M, _, _>(move |Streamed { context, body }, responder| {
            let unreadable = Arc::new(AtomicBool::new(false));
            let work = handler(context.clone(), Incoming::asked(body, &unreadable));
            async move {
                let answer = match work.await {
                    Ok(value) => Ok(value),
                    Err(Failure::Exception(exception)) => Err(exception),
                    Err(Failure::Unexpected(error)) => {
                        return Err(rejected(error, unreadable.load(Ordering::Relaxed)));
                    }
                };
                responder.reply(reply::<M>(&context, &answer)?);
                Ok(())
            }
        })
    }

    /// Has a method answered by a function of one request, as in scheme `thrift`, which sends a stream of results.
    ///
    /// The results end when the function does. An exception has to come before the first of them.
    pub fn register_download<M, F, A>(&self, handler: F) -> &Self
    where
        M: Method<Success: Struct>,
        F: Fn(Context, M::Request, Results<M::Success>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), Failure<M::Exceptions>>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        self.register_stream::<M, _, _>(move |Streamed { context, mut body }, responder| {
            let handler = handler.clone();
            async move {
                let request = request::<M>(&mut body).await?;
                let back = Slot::default();
                let results = Results::new(responder, context.clone(), &back);
                let answered = handler(context.clone(), request, results).await;
                end::<M>(&context, answered, &back, false).await
            }
        })
    }

    fn register_stream<M, F, A>(&self, serve: F) -> &Self
    where
        M: Method,
        F: Fn(Streamed, Responder) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), Reject>> + Send + 'static,
    {
        const { assert!(!M::ONEWAY, "TChannel has no oneway calls: remove `oneway` from the method") };
        let serve = Arc::new(serve);
        let handler = move |request: StreamedRequest, responder: Responder| {
            let serve = serve.clone();
            async move {
                let (request, body) = request.apart().await?;
                let Asked { context, .. } = Asked::of(request)?;
                serve(Streamed { context, body }, responder).await
            }
        };
        self.register_streamed_as(SCHEME, M::ENDPOINT, handler)
    }
}

/// A request whose headers are read.
struct Streamed {
    context: Context,
    body: BodyReader,
}

/// What cannot be read is the caller's fault.
async fn request<M: Method>(body: &mut BodyReader) -> Result<M::Request, Reject> {
    let refused = |words: String| Reject::new(ErrorCode::BadRequest, words);
    match body.arg3().await {
        Ok(arg3) => decode(&arg3).map_err(|error| refused(error.to_string())),
        Err(error @ BodyError::Arg3TooLong { .. }) => Err(refused(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Ends an answer as its handler did. `unreadable`: its request could not be read.
async fn end<M: Method>(
    context: &Context,
    ended: Result<(), Failure<M::Exceptions>>,
    back: &Slot,
    unreadable: bool,
) -> Result<(), Reject> {
    let stage = lock(back).take();
    match (ended, stage) {
        (Ok(()), Some(stage)) => Ok(stage.finish(context).await?),
        // It is finished, or in other hands.
        (Ok(()), None) => Ok(()),
        (Err(Failure::Exception(exception)), Some(Stage::Unanswered(responder))) => {
            responder.reply(reply::<M>(context, &Err(exception))?);
            Ok(())
        }
        (Err(Failure::Exception(_)), Some(Stage::Begun(_)) | None) => Err(LateException.into()),
        (Err(Failure::Unexpected(error)), _) => Err(rejected(error, unreadable)),
    }
}
