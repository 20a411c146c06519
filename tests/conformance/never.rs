//! wire.md 7.2, "never send": judged on every frame of every case, for the peer that the case plays.

use super::frame::NO_MESSAGE;

/// The peer as far as the rules ask.
pub(crate) struct Peer {
    /// Its `tchannel_language`.
    pub(crate) language: Option<&'static str>,
    /// Whether it introduced itself already.
    pub(crate) handshake_done: bool,
}

impl Peer {
    fn is(&self, language: &str) -> bool {
        self.handshake_done && self.language == Some(language)
    }

    /// Pings, cancels and claims end a call of python's with the wrong message.
    fn takes_control_frames(&self) -> bool {
        self.handshake_done && self.language.is_some() && !self.is("python")
    }

    /// go closes the connection on code 0xFF whatever the id; java and the nameless may be like it.
    fn takes_fatal_on_a_call(&self) -> bool {
        self.is("node") || self.is("python") || self.is("rust")
    }
}

/// What one sent frame holds.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) ttl: Option<u32>,
    pub(crate) checksum: Option<u8>,
    pub(crate) chunks: usize,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) error_code: Option<u8>,
}

impl Facts {
    /// Panics on a frame that breaks a named peer. Flags and reserved bytes are judged where they are read.
    pub(crate) fn check(&self, peer: &Peer, kind: u8, id: u32) {
        assert!(
            id != NO_MESSAGE || matches!(kind, 0xFF | 0x01 | 0x02),
            "type {kind:#04x} with the id of no message"
        );
        assert!(
            self.checksum.is_none_or(|kind| matches!(kind, 0 | 1 | 3)),
            "checksum type {:?}",
            self.checksum
        );
        match kind {
            0x01 | 0x02 => self.check_init(kind),
            0x03 => {
                assert!(id != 0, "a call with id 0");
                assert!(self.ttl != Some(0), "ttl 0");
                assert!(self.chunks >= 2, "a first frame without an arg2 chunk");
                self.check_headers();
            }
            0x04 => {
                assert!(self.chunks >= 2, "a first frame without an arg2 chunk");
                assert!(
                    matches!(&self.headers[..], [(key, _)] if key == "as"),
                    "a response has the header `as` alone, not {:?}",
                    self.headers
                );
            }
            0x13 | 0x14 => assert!(self.chunks >= 1, "a frame without chunks"),
            0xC0 | 0xC1 | 0xD0 => assert!(peer.takes_control_frames(), "type {kind:#04x} to this peer"),
            0xFF => self.check_error(peer, id),
            _ => {}
        }
        assert!(kind != 0xD0 || id != 0, "a ping with id 0");
    }

    fn check_init(&self, kind: u8) {
        let (_, host_port) =
            self.headers.iter().find(|(key, _)| key == "host_port").expect("init has host_port");
        assert!(kind == 0x01 || host_port != "0.0.0.0:0", "init res with an ephemeral host_port");
        let (host, port) = host_port.rsplit_once(':').expect("host_port has a port");
        assert!(host.parse::<std::net::Ipv4Addr>().is_ok() && port.parse::<u16>().is_ok(), "{host_port}");
    }

    fn check_headers(&self) {
        for (at, (key, _)) in self.headers.iter().enumerate() {
            assert!((1..=15).contains(&key.len()), "header key {key:?}");
            assert!(self.headers[..at].iter().all(|(other, _)| other != key), "header {key:?} twice");
        }
    }

    fn check_error(&self, peer: &Peer, id: u32) {
        let code = self.error_code.expect("an error frame has a code");
        assert!(matches!(code, 1..=8 | 0xFF), "error code {code}");
        if code == 0xFF {
            assert!(id != NO_MESSAGE || !peer.is("node"), "a fatal frame to node");
            assert!(id == NO_MESSAGE || peer.takes_fatal_on_a_call(), "code 0xFF on a call of this peer's");
        }
    }
}
