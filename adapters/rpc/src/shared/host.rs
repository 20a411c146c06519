//! Where a peer is.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tchannel_mesh::{HostPort, HostPortError};

/// An address, or a host name with a port, as given by the user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host(Form);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    Address(SocketAddr),
    Name { text: Arc<str>, port: u16 },
    Unusable(Arc<str>),
}

impl Host {
    pub(crate) fn form(&self) -> &Form {
        &self.0
    }

    /// The IP address, if it was given by one.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        match &self.0 {
            Form::Address(address) => Some(address.ip()),
            Form::Name { .. } | Form::Unusable(_) => None,
        }
    }
}

impl From<SocketAddr> for Host {
    fn from(address: SocketAddr) -> Self {
        Host(Form::Address(address))
    }
}

/// Reads `1.2.3.4:4040`, `[::1]:4040` or `some.host:4040`. Anything else is refused when it is used.
impl From<&str> for Host {
    fn from(text: &str) -> Self {
        if let Ok(address) = text.parse() {
            return Host(Form::Address(address));
        }
        let named =
            text.rsplit_once(':').filter(|(host, _)| !host.is_empty() && !host.contains([':', ' ', '/']));
        Host(match named.and_then(|(_, port)| port.parse().ok()) {
            Some(port) => Form::Name { text: text.into(), port },
            None => Form::Unusable(text.into()),
        })
    }
}

impl From<String> for Host {
    fn from(text: String) -> Self {
        Host::from(text.as_str())
    }
}

impl From<&String> for Host {
    fn from(text: &String) -> Self {
        Host::from(text.as_str())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Address(address) => address.fmt(f),
            Form::Name { text, .. } | Form::Unusable(text) => f.write_str(text),
        }
    }
}

impl From<&HostPort> for Host {
    fn from(peer: &HostPort) -> Self {
        match (peer.address(), peer.name()) {
            (Some(address), _) => Host(Form::Address(address)),
            (None, Some(_)) => {
                let port = peer.port().unwrap_or_default();
                Host(Form::Name { text: peer.to_string().into(), port })
            }
            (None, None) => Host(Form::Unusable(peer.to_string().into())),
        }
    }
}

impl TryFrom<&Host> for HostPort {
    type Error = HostPortError;

    fn try_from(host: &Host) -> Result<Self, HostPortError> {
        match &host.0 {
            Form::Address(address) => HostPort::try_from(*address),
            Form::Name { text, .. } | Form::Unusable(text) => text.parse(),
        }
    }
}

#[cfg(test)]
mod tests;
