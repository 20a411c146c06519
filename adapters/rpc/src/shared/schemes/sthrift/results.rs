//! An answer that is a stream.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use tchannel_schemes::sthrift::encode;
use tchannel_schemes::thrift::Struct;

use super::StreamError;
use super::chunked::Chunked;
use crate::shared::lock;
use crate::shared::schemes::thrift::Context;
use crate::shared::serve::Responder;
use crate::shared::stream::BodyError;

/// The stream of results of a call that is served. It ends with its handler; or, where the handler gave it into other
/// hands, with [`finish`](Self::finish).
pub struct Results<T> {
    stage: Option<Stage>,
    back: Slot,
    context: Context,
    item: PhantomData<fn(T)>,
}

/// How far the answer is.
#[derive(Debug)]
pub(super) enum Stage {
    /// Nothing was sent: it can still become an exception.
    Unanswered(Responder),
    Begun(Chunked),
}

/// Where the answer lies once its handler let go of it.
pub(super) type Slot = Arc<Mutex<Option<Stage>>>;

impl<T: Struct> Results<T> {
    pub(super) fn new(responder: Responder, context: Context, back: &Slot) -> Self {
        let stage = Some(Stage::Unanswered(responder));
        Results { stage, back: back.clone(), context, item: PhantomData }
    }

    /// Sends one more. Waits while too much of the stream has not left yet.
    ///
    /// The first one begins the answer: from then on, headers that are set come too late, and so do exceptions. A struct
    /// that cannot be written is an error, and the stream stands where it stood.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before its end sends nothing, but may have begun the answer.
    pub async fn send(&mut self, item: &T) -> Result<(), StreamError> {
        let chunk = encode(item)?;
        if let Some(stage) = self.stage.take() {
            self.stage = Some(Stage::Begun(stage.begun(&self.context)?));
        }
        match &mut self.stage {
            Some(Stage::Begun(chunked)) => Ok(chunked.write(chunk).await?),
            Some(Stage::Unanswered(_)) | None => Err(BodyError::Over.into()),
        }
    }

    /// Ends the stream, perhaps an empty one, before its handler ends. Does not wait until all of it has left.
    pub async fn finish(mut self) -> Result<(), StreamError> {
        let stage = self.stage.take().ok_or(BodyError::Over)?;
        stage.finish(&self.context).await
    }
}

impl Stage {
    /// The answer at its beginning, which is sent if it was not.
    fn begun(self, context: &Context) -> Result<Chunked, StreamError> {
        match self {
            Stage::Unanswered(responder) => {
                let arg2 = context.take_answer().encode()?;
                let mut chunked = Chunked::new(responder.ok()?, arg2);
                chunked.hurry();
                Ok(chunked)
            }
            Stage::Begun(chunked) => Ok(chunked),
        }
    }

    pub(super) async fn finish(self, context: &Context) -> Result<(), StreamError> {
        Ok(self.begun(context)?.finish().await?)
    }
}

impl<T> Drop for Results<T> {
    fn drop(&mut self) {
        if let Some(stage) = self.stage.take() {
            *lock(&self.back) = Some(stage);
        }
    }
}

impl<T> fmt::Debug for Results<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Results").field(&self.stage).finish()
    }
}
