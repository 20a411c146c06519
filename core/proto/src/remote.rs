//! What the handshake told about the peer.

use alloc::string::String;
use alloc::vec::Vec;

/// The peer as it introduced itself. Nothing here is trusted: it is for logs, routing and courtesy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The announced listening address, or `None` if the peer does not listen (or said something unusable).
    pub host_port: Option<String>,
    /// The peer's name for its process.
    pub process_name: String,
    /// `tchannel_language`, empty if it sent none.
    pub language: String,
    /// `tchannel_language_version`, empty if it sent none.
    pub language_version: String,
    /// `tchannel_version`, empty if it sent none.
    pub version: String,
    /// Every init header as sent, at most 128.
    pub headers: Vec<(String, String)>,
}

/// What may be sent to a peer without breaking it, by the language that it named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Go,
    Node,
    Rust,
    /// Java and every other named language.
    Named,
    Python,
    /// No language header, or no handshake yet.
    Unnamed,
}

impl Profile {
    pub(crate) fn of(language: &str) -> Self {
        const NAMED: [(&str, Profile); 4] = [
            ("go", Profile::Go),
            ("node", Profile::Node),
            ("rust", Profile::Rust),
            ("python", Profile::Python),
        ];
        if language.is_empty() {
            return Profile::Unnamed;
        }
        NAMED
            .iter()
            .find(|(name, _)| language.eq_ignore_ascii_case(name))
            .map_or(Profile::Named, |(_, profile)| *profile)
    }

    /// python completes its own call of the same id with whatever ping or cancel arrives.
    pub(crate) fn takes_control_frames(self) -> bool {
        match self {
            Profile::Go | Profile::Node | Profile::Rust | Profile::Named => true,
            Profile::Python | Profile::Unnamed => false,
        }
    }

    /// node's process dies of a fatal frame while it has calls in flight.
    pub(crate) fn takes_fatal_frame(self) -> bool {
        self != Profile::Node
    }

    /// python sends ttl 0 with every streamed request, also with one so short that it fits one frame.
    pub(crate) fn streams_without_ttl(self) -> bool {
        self == Profile::Python
    }

    /// go closes the whole connection on code 0xFF, whatever the id.
    pub(crate) fn takes_fatal_on_call(self) -> bool {
        match self {
            Profile::Node | Profile::Python | Profile::Rust => true,
            Profile::Go | Profile::Named | Profile::Unnamed => false,
        }
    }
}

/// Reads an announced `host_port`: `None` for every form that names no place to dial.
pub(crate) fn announced(host_port: &str) -> Option<&str> {
    let (host, port) = host_port.rsplit_once(':')?;
    let port: u16 = port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))?;
    (port != 0 && !host.is_empty()).then_some(host_port)
}

/// The language that we tell peers.
pub const LANGUAGE: &str = "rust";

/// Version of the compiler, which we tell peers as that of the language.
pub const LANGUAGE_VERSION: &str = env!("RUSTC_VERSION");

/// Version of this implementation, which we tell peers.
pub const IMPLEMENTATION_VERSION: &str = env!("CARGO_PKG_VERSION");
