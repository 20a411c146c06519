use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tchannel_rpc::runtime::Runtime as Drives;
use tchannel_rpc::{
    BuildError, Builder, Channel, CloseReason, Drained, Notice, Outbound, Reply, Request, RetryFlags,
};
use tokio::sync::Notify;

use super::runtime::Setup;
use super::{CALLER, Runtime, SERVICE};

/// Long enough for anything that is answered at all.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Who makes the calls of one scenario: a channel of its own, with the server that it calls.
#[derive(Clone, Debug)]
pub struct Caller {
    channel: Channel,
    target: Arc<str>,
    lost: Arc<Lost>,
}

/// Connections that ended without being asked to.
#[derive(Debug, Default)]
struct Lost {
    notices: Mutex<Vec<String>>,
    more: Notify,
}

/// Notes connections that end without being asked to.
struct Noting(Arc<Lost>);

impl Setup for Noting {
    fn set_up<R: Drives>(self, builder: Builder<R>) -> Builder<R> {
        builder.on_notice(move |notice| {
            if let Notice::Closed { reason, .. } = notice
                && !matches!(reason, CloseReason::Local | CloseReason::Drained)
            {
                self.0.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice.to_string());
                self.0.more.notify_one();
            }
        })
    }
}

impl Caller {
    /// Calls `target`, and answers `echo` when called back.
    pub fn new(target: &str, runtime: Runtime) -> Result<Self, BuildError> {
        let lost = Arc::<Lost>::default();
        let channel = runtime.channel(CALLER, Noting(lost.clone()))?;
        channel.service(CALLER).expect("a name").register("echo", |request: Request| async move {
            let args = request.into_args();
            Ok(Reply::pieces(args.arg2, args.arg3))
        });
        Ok(Caller { channel, target: target.into(), lost })
    }

    /// A raw call of the server's service: five seconds, never tried again.
    pub fn call(&self, endpoint: &str) -> Outbound {
        self.call_service(SERVICE, endpoint)
    }

    /// The same, of another service.
    pub fn call_service(&self, service: &str, endpoint: &str) -> Outbound {
        let call = self.channel.call(service, endpoint);
        call.host(&*self.target).retry(RetryFlags::NEVER).timeout(TIMEOUT)
    }

    /// Where the server is.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Waits until a connection ends by itself, and tells why it did.
    pub async fn lost(&self) -> String {
        loop {
            if let Some(notice) = self.losses().pop() {
                return notice;
            }
            self.lost.more.notified().await;
        }
    }

    /// Takes no more calls, and ends its connections when those that run are over.
    pub fn drain(&self, within: Duration) -> impl Future<Output = Drained> + Send + use<> {
        self.channel.drain(within)
    }

    /// Ends its connections. Tells of each that had ended by itself, and why.
    pub async fn close(&self) -> Vec<String> {
        self.channel.close().await;
        self.losses().clone()
    }

    fn losses(&self) -> MutexGuard<'_, Vec<String>> {
        self.lost.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
