//! One answer of a script.

use std::future::pending;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::shared::hub::Hub;
use crate::{ErrorCode, Reject, Reply, Request};

/// What a scripted peer does about a call.
#[derive(Clone, Debug)]
pub struct Answer {
    what: What,
    after: Duration,
}

#[derive(Clone, Debug)]
enum What {
    Reply(Reply),
    Error(ErrorCode, String),
    Silence,
    HangUp,
}

impl Answer {
    /// A response of success.
    pub fn ok(arg2: impl Into<Bytes>, arg3: impl Into<Bytes>) -> Self {
        What::Reply(Reply::ok(arg2, arg3)).into()
    }

    /// A response that says that the application failed.
    pub fn not_ok(arg2: impl Into<Bytes>, arg3: impl Into<Bytes>) -> Self {
        What::Reply(Reply::not_ok(arg2, arg3)).into()
    }

    /// An error frame.
    pub fn error(code: ErrorCode, message: impl Into<String>) -> Self {
        What::Error(code, message.into()).into()
    }

    /// Nothing, ever: the caller's time runs out.
    pub fn silence() -> Self {
        What::Silence.into()
    }

    /// The connection is closed, and with it all calls on it fail.
    pub fn hang_up() -> Self {
        What::HangUp.into()
    }

    /// The same, this much later.
    #[must_use = "this changes nothing in place"]
    pub fn after(mut self, pause: Duration) -> Self {
        self.after = pause;
        self
    }

    pub(in crate::testing) async fn give(self, hub: &Hub, request: &Request) -> Result<Reply, Reject> {
        if let Some(until) = Instant::now().checked_add(self.after).filter(|_| !self.after.is_zero()) {
            hub.driver.sleep_until(until).await;
        }
        match self.what {
            What::Reply(reply) => Ok(reply),
            What::Error(code, message) => Err(Reject::new(code, message)),
            What::Silence => pending().await,
            What::HangUp => {
                request.connection().close();
                pending().await
            }
        }
    }
}

impl From<What> for Answer {
    fn from(what: What) -> Self {
        Answer { what, after: Duration::ZERO }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        What::Reply(reply).into()
    }
}
