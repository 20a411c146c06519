//! What is remembered about a request until it is over, for those who measure and report.

use alloc::boxed::Box;

use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{RequestHead, Timestamp};

use super::meter::{Said, Volume};
use super::{Channel, ConnKey};
use crate::stats::LabelKey;
use crate::trace::SpanReport;

#[derive(Debug)]
pub(super) struct Tab {
    labels: LabelKey,
    pub(super) volume: Volume,
    /// When its owner heard of it.
    pub(super) handed: Option<Timestamp>,
    /// What a streamed answer began with.
    pub(super) code: ResponseCode,
    report: Option<Box<SpanReport>>,
}

impl Channel {
    /// The head of a request is here.
    pub(super) fn open_tab(&mut self, key: ConnKey, head: &RequestHead) -> Tab {
        let labels = self.count_request(head);
        let volume = Volume { read: head.arg1.len(), written: 0 };
        Tab { labels, volume, handed: None, code: ResponseCode::OK, report: self.begin_report(key, head) }
    }

    /// All of its answer is queued.
    pub(super) fn settle_tab(&mut self, tab: Tab, said: Said) {
        self.count_answer((tab.labels, tab.volume), said, tab.handed);
        self.end_report(tab.report, Some(self.now));
    }

    /// Nobody waits for its answer any more. Its connection sends an error frame, if there is one.
    pub(super) fn drop_tab(&mut self, tab: Tab, code: ErrorCode) {
        if code != ErrorCode::Network {
            self.count_answer((tab.labels, tab.volume), Said::Error(code), None);
        }
        self.end_report(tab.report, None);
    }
}
