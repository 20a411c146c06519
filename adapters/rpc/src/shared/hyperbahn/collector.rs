//! Spans on their way to `TCollector`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, UNIX_EPOCH};

use tchannel_mesh::hyperbahn::submit;

use super::router_call;
use crate::shared::hub::Hub;
use crate::shared::notice::Notice;
use crate::shared::observe::TraceSpan;

/// Hands spans to the service `tcollector`, by calls of the channel that they are of.
#[derive(Default)]
pub(crate) struct Collector {
    hub: OnceLock<Weak<Hub>>,
    flying: AtomicUsize,
}

impl Collector {
    /// Its channel is made.
    pub(crate) fn attach(&self, hub: &Arc<Hub>) {
        // There is one channel for each builder.
        let _ = self.hub.set(Arc::downgrade(hub));
    }

    pub(crate) fn report(self: &Arc<Self>, span: &TraceSpan) {
        let Some(hub) = self.hub.get().and_then(Weak::upgrade).filter(|hub| !hub.is_draining()) else {
            return;
        };
        if self.flying.fetch_add(1, Ordering::Relaxed) >= MOST {
            self.flying.fetch_sub(1, Ordering::Relaxed);
            return hub.notice(&Notice::SpanLost { error: None });
        }
        let began = span.began.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let ended = span.took.map(|took| began.saturating_add(took));
        // No recording: what it says of times is different in each run.
        let call = router_call(&hub, submit(&span.report, began, ended)).send_now();
        let (landing, reporting) = (Landing(self.clone()), hub.clone());
        hub.driver.spawn(Box::pin(async move {
            let _landing = landing;
            if let Err(error) = call.await {
                reporting.notice(&Notice::SpanLost { error: Some(&error) });
            }
        }));
    }
}

/// A call is over, also if its task is dropped.
struct Landing(Arc<Collector>);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.flying.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Spans on their way at once; more are lost. A collector that answers within a millisecond takes 100,000 in a second.
const MOST: usize = 100;
