//! What is called and from where, planned once and kept for the next call.

use std::borrow::Cow;
use std::hash::Hasher;
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use tchannel_mesh::{CallOptions, CallPlan, ChannelConfig, Layers, OpenError, Parent, Style};
use tchannel_proto::wire::Scheme;

use super::hash::Fnv;
use super::lock;

/// Where calls come from: a channel or a sub-channel, and the style of its documents. It decides their defaults.
#[derive(Debug)]
pub(crate) struct Origin {
    config: Arc<ChannelConfig>,
    style: Style,
    subchannel: Option<(Arc<str>, Arc<CallOptions>)>,
    kept: Mutex<Vec<Option<Arc<Target>>>>,
}

/// A service and an endpoint, with the plans of calls without options of their own.
#[derive(Debug)]
pub(crate) struct Target {
    service: Box<str>,
    endpoint: Bytes,
    plain: [OnceLock<Arc<CallPlan>>; SCHEMES],
}

/// The named ones, and that of the defaults.
const SCHEMES: usize = 6;

impl Origin {
    pub(crate) fn new(
        config: &Arc<ChannelConfig>,
        style: Style,
        subchannel: Option<(Arc<str>, Arc<CallOptions>)>,
    ) -> Arc<Self> {
        Arc::new(Origin { config: config.clone(), style, subchannel, kept: Mutex::default() })
    }

    /// The service that is called unless a call says otherwise.
    pub(crate) fn service(&self) -> &str {
        let own =
            self.subchannel.as_ref().map(|(name, defaults)| defaults.service.as_deref().unwrap_or(name));
        own.or(self.config.defaults.service.as_deref()).unwrap_or_default()
    }

    /// What the call's options and all defaults come to.
    pub(crate) fn layers<'a>(&'a self, call: &'a CallOptions) -> Layers<'a> {
        let subchannel = self.subchannel.as_ref().map(|(name, defaults)| (&**name, &**defaults));
        Layers {
            call,
            subchannel,
            channel: &self.config.defaults,
            channel_name: &self.config.name,
            style: self.style,
        }
    }

    /// The parent of calls that do not say if they have one.
    pub(crate) fn parent(&self) -> Option<Parent> {
        let own = self.subchannel.iter().map(|(_, defaults)| &**defaults);
        let mut levels = own.chain([&self.config.defaults]);
        levels.find(|level| level.parent.is_some() || level.no_parent.is_some())?.parent
    }

    /// Whether a call has to say if it has a parent.
    pub(crate) fn requires_parent(&self) -> bool {
        self.style.requires_parent()
    }

    /// The plan of a call with no options but its scheme, and no parent. An empty scheme is left to the defaults.
    pub(crate) fn plain_plan(&self, target: &Target, scheme: &str) -> Result<Arc<CallPlan>, OpenError> {
        let make = || {
            let mut options = CallOptions::new();
            options.service = Some(target.service.to_string().into());
            options.scheme = (!scheme.is_empty()).then(|| scheme.to_owned().into());
            options.no_parent = Some(true);
            self.layers(&options).plan().map(Arc::new)
        };
        let kept = match Scheme::from(scheme) {
            Scheme::Raw => &target.plain[0],
            Scheme::Json => &target.plain[1],
            Scheme::Thrift => &target.plain[2],
            Scheme::Sthrift => &target.plain[3],
            Scheme::Http => &target.plain[4],
            Scheme::Other("") => &target.plain[5],
            Scheme::Other(_) => return make(),
        };
        if let Some(plan) = kept.get() {
            return Ok(plan.clone());
        }
        let plan = make()?;
        Ok(kept.get_or_init(|| plan).clone())
    }

    /// A target: one of those called last, or a new one. A call to one of them plans and allocates nothing.
    pub(crate) fn target(&self, service: &str, endpoint: &[u8]) -> Arc<Target> {
        let mut hash = Fnv::default();
        hash.write(service.as_bytes());
        hash.write(&[0]);
        hash.write(endpoint);
        let mut kept = lock(&self.kept);
        if kept.is_empty() {
            kept.resize(KEPT, None);
        }
        let at = usize::try_from(hash.finish() % KEPT as u64).unwrap_or_default();
        match &kept[at] {
            Some(target) if *target.service == *service && target.endpoint == endpoint => target.clone(),
            _ => {
                let target = Arc::new(Target::new(service, endpoint));
                kept[at] = Some(target.clone());
                target
            }
        }
    }
}

impl Target {
    fn new(service: &str, endpoint: &[u8]) -> Self {
        Target {
            service: service.into(),
            endpoint: Bytes::copy_from_slice(endpoint),
            plain: Default::default(),
        }
    }

    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    pub(crate) fn endpoint(&self) -> &Bytes {
        &self.endpoint
    }

    pub(crate) fn endpoint_text(&self) -> Cow<'_, str> {
        let shown = &self.endpoint[..self.endpoint.len().min(SHOWN)];
        String::from_utf8_lossy(shown)
    }
}

/// Bytes of an endpoint shown in a message.
const SHOWN: usize = 100;

/// How many targets of one origin are kept. A program with more endpoints than this plans some of its calls again.
const KEPT: usize = 256;

#[cfg(test)]
mod tests;
