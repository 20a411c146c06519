//! Calls of peers.

use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{RequestHead, Timestamp};

use super::Volume;
use crate::channel::Channel;
use crate::rate::Limited;
use crate::stats::{Inbound, LabelKey, Stat};

/// What a request was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::channel) enum Said {
    Answer(ResponseCode),
    Error(ErrorCode),
}

impl Said {
    fn what(self) -> Inbound {
        match self {
            Said::Answer(code) if code.is_ok() => Inbound::Success,
            Said::Answer(_) => Inbound::AppError,
            Said::Error(code) => Inbound::SystemError(code),
        }
    }
}

impl Channel {
    pub(in crate::channel) fn count_request(&mut self, head: &RequestHead) -> LabelKey {
        let Some(meter) = &mut self.meter else { return LabelKey::NONE };
        let caller = head.headers().caller().unwrap_or_default();
        let labels = meter.labels.key(head.service(), caller, Some(&head.endpoint()));
        meter.push(Stat::Inbound { labels, what: Inbound::Received });
        labels
    }

    /// A request is one too many.
    pub(in crate::channel) fn count_limited(&mut self, limited: &Limited) {
        let Some(meter) = &mut self.meter else { return };
        if let Some(stat) = limited.stat(&mut meter.labels) {
            meter.push(stat);
        }
    }

    /// `handed`: when its owner heard of it.
    pub(in crate::channel) fn count_answer(
        &mut self,
        (labels, volume): (LabelKey, Volume),
        said: Said,
        handed: Option<Timestamp>,
    ) {
        if let Some(meter) = &mut self.meter {
            let latency = handed.map(|handed| Inbound::Latency(self.now.since(handed)));
            for what in [said.what()].into_iter().chain(volume.inbound()).chain(latency) {
                meter.push(Stat::Inbound { labels, what });
            }
        }
    }
}
