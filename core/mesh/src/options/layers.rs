//! Options of a call over the defaults of its sub-channel and channel.

use core::num::NonZeroU32;
use core::time::Duration;

use tchannel_wire::{RetryFlags, header_keys as keys};

use super::{CallOptions, Direct, Setting, Style};
use crate::OpenError;
use crate::options::Parent;
use crate::trace::Trace;

/// The layers that decide about one call, first to last: call, sub-channel, channel, style. Copies nothing.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a> {
    /// What the call says.
    pub call: &'a CallOptions,
    /// The sub-channel that makes the call, if there is one: its name and its defaults.
    pub subchannel: Option<(&'a str, &'a CallOptions)>,
    /// The channel's defaults.
    pub channel: &'a CallOptions,
    /// The channel's name, the default for `cn`.
    pub channel_name: &'a str,
    /// The defaults below all.
    pub style: Style,
}

impl<'a> Layers<'a> {
    /// The service to call.
    pub fn service(&self) -> Result<&'a str, OpenError> {
        let subchannel = self.subchannel.map(|(name, defaults)| defaults.service.as_deref().unwrap_or(name));
        let named = self.call.service.as_deref().or(subchannel).or(self.channel.service.as_deref());
        named.filter(|name| !name.is_empty()).ok_or(OpenError::EmptyService)
    }

    /// How long the caller waits for the answer.
    pub fn timeout(&self) -> Duration {
        self.first(|layer| layer.timeout).unwrap_or(self.style.timeout())
    }

    /// Longest time of one attempt.
    pub fn timeout_per_attempt(&self) -> Option<Duration> {
        self.setting(|layer| &layer.timeout_per_attempt).copied()
    }

    /// Attempts in all.
    pub fn max_attempts(&self) -> NonZeroU32 {
        self.first(|layer| layer.max_attempts).unwrap_or(self.style.max_attempts())
    }

    /// Whether the call has one attempt, whatever `max_attempts` says.
    pub fn is_once(&self) -> bool {
        self.is_on(|layer| layer.streamed) || self.direct().is_some()
    }

    /// Which failures are retried: the field, or else a header `re` that was given.
    pub fn retry_flags(&self) -> RetryFlags {
        let header = |layer: &'a CallOptions| layer.given(keys::RETRY).map(RetryFlags::parse);
        let flags = self.first(|layer| layer.retry_flags.or(header(layer))).unwrap_or_default();
        let timeout = flags.timeout || (flags != RetryFlags::NEVER && self.timeout_per_attempt().is_some());
        RetryFlags { timeout, ..flags }
    }

    /// The peer that the call goes to, if it names one.
    pub fn direct(&self) -> Option<&'a Direct> {
        self.setting(|layer| &layer.direct)
    }

    /// The parent, as the first layer that speaks of it says.
    pub fn parent(&self) -> Result<Option<&'a Parent>, OpenError> {
        let said = self.levels().find(|layer| layer.parent.is_some() || layer.no_parent.is_some());
        match said.map(|layer| (layer.parent.as_ref(), layer.no_parent.unwrap_or_default())) {
            Some((Some(_), true)) => Err(OpenError::ParentAndNoParent),
            Some((None, false)) | None if self.style.requires_parent() => Err(OpenError::ParentRequired),
            Some((parent, _)) => Ok(parent),
            None => Ok(None),
        }
    }

    /// The call's identity in traces, as far as options decide.
    pub(super) fn trace(&self) -> Trace {
        if self.is_on(|layer| layer.forward_trace) {
            return Trace::Forward(self.first(|layer| layer.tracing));
        }
        Trace::Own { traced: self.first(|layer| layer.trace).unwrap_or(true) }
    }

    /// What the first layer that says anything says.
    pub(super) fn first<T>(&self, option: impl Fn(&'a CallOptions) -> Option<T>) -> Option<T> {
        self.levels().find_map(option)
    }

    /// An option that is off unless it is said to be on.
    pub(super) fn is_on(&self, option: impl Fn(&'a CallOptions) -> Option<bool>) -> bool {
        self.first(option).unwrap_or_default()
    }

    /// The same for an option that can be turned off.
    pub(super) fn setting<T>(&self, option: impl Fn(&'a CallOptions) -> &'a Setting<T>) -> Option<&'a T> {
        for layer in self.levels() {
            match option(layer) {
                Setting::Inherit => {}
                Setting::Off => return None,
                Setting::Is(value) => return Some(value),
            }
        }
        None
    }

    /// First to last.
    pub(super) fn levels(&self) -> impl Iterator<Item = &'a CallOptions> + use<'a> {
        let subchannel = self.subchannel.map(|(_, defaults)| defaults);
        [Some(self.call), subchannel, Some(self.channel)].into_iter().flatten()
    }
}

impl CallOptions {
    /// A header that was given as such.
    pub(super) fn given(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == key).map(|(_, value)| value.as_ref())
    }
}

#[cfg(test)]
mod tests;
