//! Layers for tests: a call, a sub-channel `moe` and a channel `curly`, each with options of its own.

use tchannel_wire::Tracing;

use super::{CallOptions, Layers, Parent, Style};
use crate::Timestamp;

#[derive(Default)]
pub(super) struct Options {
    pub(super) call: CallOptions,
    pub(super) subchannel: CallOptions,
    pub(super) channel: CallOptions,
}

impl Options {
    /// A call of these options over nothing.
    pub(super) fn call(call: CallOptions) -> Self {
        Options { call, ..Options::default() }
    }

    pub(super) fn layers(&self, style: Style) -> Layers<'_> {
        Layers {
            call: &self.call,
            subchannel: Some(("moe", &self.subchannel)),
            channel: &self.channel,
            channel_name: "curly",
            style,
        }
    }

    pub(super) fn python(&self) -> Layers<'_> {
        self.layers(Style::Python)
    }
}

/// A parent that waits until 40 ms.
pub(super) const PARENT: Parent = Parent {
    tracing: Tracing { span_id: 1, parent_id: 2, trace_id: 3, flags: 1 },
    deadline: Timestamp::from_millis(40),
};
