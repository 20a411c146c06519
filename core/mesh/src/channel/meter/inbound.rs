//! Calls of peers.

use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{RequestHead, Timestamp};

use crate::channel::Channel;
use crate::stats::{Inbound, LabelKey, Stat};

/// What is remembered about a request until it is answered.
#[derive(Debug)]
pub(in crate::channel) struct Tab {
    labels: LabelKey,
    /// When its owner heard of it.
    pub(in crate::channel) handed: Timestamp,
    /// What a streamed answer began with.
    pub(in crate::channel) code: ResponseCode,
}

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
    /// The head of a request is here.
    pub(in crate::channel) fn count_request(&mut self, head: &RequestHead) -> Tab {
        let mut tab = Tab { labels: LabelKey::NONE, handed: self.now, code: ResponseCode::OK };
        if let Some(meter) = &mut self.meter {
            let caller = head.headers().caller().unwrap_or_default();
            tab.labels = meter.labels.key(head.service(), caller, Some(&head.endpoint()));
            meter.push(Stat::Inbound { labels: tab.labels, what: Inbound::Received });
        }
        tab
    }

    /// Its owner never heard of it.
    pub(in crate::channel) fn count_refusal(&mut self, tab: &Tab, code: ErrorCode) {
        if let Some(meter) = &mut self.meter {
            meter.push(Stat::Inbound { labels: tab.labels, what: Inbound::SystemError(code) });
        }
    }

    /// Its owner gave an answer, and all of it is queued.
    pub(in crate::channel) fn count_answer(&mut self, tab: &Tab, said: Said) {
        if let Some(meter) = &mut self.meter {
            meter.push(Stat::Inbound { labels: tab.labels, what: said.what() });
            let latency = Inbound::Latency(self.now.since(tab.handed));
            meter.push(Stat::Inbound { labels: tab.labels, what: latency });
        }
    }
}
