//! Where a peer is, as a text that was looked at once.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;
use core::net::SocketAddr;
use core::str::FromStr;

use thiserror::Error;

/// An address that can be dialled: `1.2.3.4:4040`, `[::1]:4040` or `some.host:4040`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort(Form);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    Address(SocketAddr),
    Name {
        host: Arc<str>,
        port: u16,
    },
    /// A byte stream that has no address.
    Stream(Arc<str>),
}

impl HostPort {
    /// What a byte stream is called that has no address, a Unix socket or a pipe: a name for messages. Nobody can dial
    /// it, and no text is read as one.
    pub fn stream(name: &str) -> Self {
        HostPort(Form::Stream(name.into()))
    }

    /// The socket address, unless the host is a name.
    pub fn address(&self) -> Option<SocketAddr> {
        match self.0 {
            Form::Address(address) => Some(address),
            Form::Name { .. } | Form::Stream(_) => None,
        }
    }

    /// The host name, unless the host is an address.
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            Form::Address(_) | Form::Stream(_) => None,
            Form::Name { host, .. } => Some(host),
        }
    }

    /// The port, never 0; `None` for a stream.
    pub fn port(&self) -> Option<u16> {
        match &self.0 {
            Form::Address(address) => Some(address.port()),
            Form::Name { port, .. } => Some(*port),
            Form::Stream(_) => None,
        }
    }
}

impl fmt::Display for HostPort {
    /// The one way of writing it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Address(address) => address.fmt(f),
            Form::Name { host, port } => write!(f, "{host}:{port}"),
            Form::Stream(name) => f.write_str(name),
        }
    }
}

impl FromStr for HostPort {
    type Err = HostPortError;

    fn from_str(text: &str) -> Result<Self, HostPortError> {
        let bad = |problem| HostPortError { text: shown(text), problem };
        if let Ok(address) = text.parse::<SocketAddr>() {
            return HostPort::try_from(address);
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| bad(Problem::NoPort))?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() || host.len() > MAX_HOST || !host.chars().all(is_host) {
            return Err(bad(Problem::Host));
        }
        if port.is_empty() || !port.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(bad(Problem::NoPort));
        }
        match port.parse::<u16>() {
            Ok(0) => Err(bad(Problem::PortZero)),
            Ok(port) => Ok(HostPort(Form::Name { host: host.into(), port })),
            Err(_) => Err(bad(Problem::NoPort)),
        }
    }
}

impl TryFrom<SocketAddr> for HostPort {
    type Error = HostPortError;

    fn try_from(address: SocketAddr) -> Result<Self, HostPortError> {
        if address.port() == 0 {
            return Err(HostPortError { text: address.to_string(), problem: Problem::PortZero });
        }
        Ok(HostPort(Form::Address(address)))
    }
}

/// A text that names no peer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is no peer: {problem}")]
pub struct HostPortError {
    /// Its beginning.
    text: String,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Problem {
    #[error("write it as host:port, with a port from 1 to 65535")]
    NoPort,
    #[error("port 0 is where nobody listens; give the port that the peer announces")]
    PortZero,
    #[error("the host is neither an address nor a name; IPv6 addresses need brackets, as in [::1]:4040")]
    Host,
}

/// As much of a refused text as a message shows.
fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Longest name that a host can have, in bytes.
const MAX_HOST: usize = 253;

#[cfg(test)]
mod tests;
