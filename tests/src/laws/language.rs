//! What may be sent to a peer, by the language that it names: wire.md 7.2 and connection.md 2, written down a second time.

/// A peer's language, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// tchannel-go.
    Go,
    /// tchannel-node.
    Node,
    /// tchannel-python.
    Python,
    /// This implementation.
    Rust,
    /// Java and all that is not known.
    Java,
    /// No language header at all.
    Unnamed,
}

impl Language {
    /// All of them; what a machine says of itself comes first.
    pub const ALL: [Language; 6] =
        [Language::Rust, Language::Go, Language::Node, Language::Python, Language::Java, Language::Unnamed];

    /// Reads the init header.
    pub fn of(value: Option<&str>) -> Self {
        match value.unwrap_or_default().to_ascii_lowercase().as_str() {
            "" => Language::Unnamed,
            "go" => Language::Go,
            "node" => Language::Node,
            "python" => Language::Python,
            "rust" => Language::Rust,
            _ => Language::Java,
        }
    }

    /// The init header, if there is to be one.
    pub fn header(self) -> Option<&'static str> {
        match self {
            Language::Go => Some("go"),
            Language::Node => Some("Node"),
            Language::Python => Some("python"),
            Language::Rust => Some("rust"),
            Language::Java => Some("java"),
            Language::Unnamed => None,
        }
    }

    /// Whether pings and cancels may be sent.
    pub fn takes_control_frames(self) -> bool {
        !matches!(self, Language::Python | Language::Unnamed)
    }

    /// Whether an error frame for the whole connection may be sent after the handshake.
    pub fn takes_fatal_frame(self) -> bool {
        self != Language::Node
    }

    /// Whether code 0xFF may be sent on one call's id.
    pub fn takes_fatal_on_call(self) -> bool {
        matches!(self, Language::Node | Language::Python | Language::Rust)
    }
}
