//! Which connection takes a call.

use std::sync::Arc;
use std::time::Duration;

use tchannel_proto::{OpenError, Outgoing, Timestamp};

use crate::shared::error::{CallError, Refusal};
use crate::shared::host::Host;
use crate::shared::hub::Hub;
use crate::shared::link::{Failed, Link, Message, Unsent};
use crate::shared::target::Target;

/// Why no connection has taken a call.
pub(super) enum Unstarted {
    Refused(Refusal),
    /// The connection had ended, for this reason.
    Late(Failed),
}

impl<E: Into<Refusal>> From<E> for Unstarted {
    fn from(error: E) -> Self {
        Unstarted::Refused(error.into())
    }
}

impl Failed {
    /// What a call is told that came too late for its connection: in the words of those that came in time.
    pub(super) fn late(mut self, peer: Option<Host>, target: Arc<Target>, elapsed: Duration) -> CallError {
        let Failed { error, phase, detail } = &mut self;
        error.message = format!(
            "{} (service {:?}, endpoint {:?}, after {}ms)",
            error.message,
            target.service(),
            target.endpoint_text(),
            elapsed.as_millis()
        );
        CallError::new(error.clone(), *phase, peer, target, elapsed).with_detail(detail.take())
    }
}

impl From<Unsent> for Unstarted {
    fn from(unsent: Unsent) -> Self {
        match unsent.ended {
            Some(failed) => Unstarted::Late(failed),
            None => OpenError::Draining.into(),
        }
    }
}

/// Sends on the connection to `host`, or on a new one if that one takes no more calls.
pub(super) fn to_host(
    hub: &Arc<Hub>,
    host: &Host,
    mut message: Message,
    began: Timestamp,
) -> Result<(Arc<Link>, Outgoing), Unstarted> {
    if let Some(why) = host.refusal() {
        return Err(Refusal::misuse(format!("{host}: {why}")).into());
    }
    let mut attempts = 1;
    loop {
        let link = hub.link_to(host).ok_or_else(Refusal::closed)?;
        match link.call(began, message) {
            Ok(call) => return Ok((link, call?)),
            Err(unsent) if attempts == ATTEMPTS => return Err(unsent.into()),
            Err(unsent) => {
                hub.retire(&link);
                message = *unsent.message;
                attempts += 1;
            }
        }
    }
}

/// Connections looked at for one call. A second one is new; only a peer that drains at once makes it fail, too.
const ATTEMPTS: usize = 3;
