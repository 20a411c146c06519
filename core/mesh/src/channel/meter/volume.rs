//! How much the arguments of one call are.

use crate::stats::{Inbound, Outbound};

/// Bytes of the arguments that passed so far.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::channel) struct Volume {
    pub(in crate::channel) written: usize,
    pub(in crate::channel) read: usize,
}

impl Volume {
    pub(super) fn outbound(self) -> impl Iterator<Item = Outbound> {
        told(self.written).map(Outbound::RequestSize).chain(told(self.read).map(Outbound::ResponseSize))
    }

    pub(super) fn inbound(self) -> impl Iterator<Item = Inbound> {
        told(self.read).map(Inbound::RequestSize).chain(told(self.written).map(Inbound::ResponseSize))
    }
}

/// Nothing is not told.
fn told(bytes: usize) -> impl Iterator<Item = u64> {
    u64::try_from(bytes).ok().filter(|&bytes| bytes > 0).into_iter()
}
