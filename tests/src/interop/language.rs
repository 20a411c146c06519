use tchannel_rpc::Remote;

/// What the peer is written in, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// tchannel-node.
    Node,
    /// tchannel-python.
    Python,
    /// This implementation.
    Rust,
    /// Any other: held to the specification.
    Other,
}

impl Language {
    /// Every language, for what has to hold in all of them.
    pub const ALL: [Language; 4] = [Language::Node, Language::Python, Language::Rust, Language::Other];

    /// The one that the peer named in the handshake.
    pub fn of(remote: &Remote) -> Self {
        match remote.language.as_str() {
            "node" => Language::Node,
            "python" => Language::Python,
            "rust" => Language::Rust,
            _ => Language::Other,
        }
    }
}
