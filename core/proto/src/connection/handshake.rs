//! Init req and init res, on either side.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;

use bytes::{Bytes, BytesMut};
use tchannel_wire::{self as wire, ErrorFrame, FrameType, Init, init_keys};

use super::receive::peer_text;
use super::{Connection, State, foreign};
use crate::error::CloseReason;
use crate::event::Event;
use crate::remote::{IMPLEMENTATION_VERSION, LANGUAGE, LANGUAGE_VERSION, Profile, Remote, announced};

/// Which half of the handshake is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handshake {
    /// The init res.
    Opening,
    /// The init req.
    Waiting,
}

/// The only protocol version there is.
const VERSION: u16 = 2;
/// The dialler's init req; own calls count from the next.
const INIT_ID: u32 = 1;

impl Connection {
    pub(super) fn queue_init_req(&mut self) {
        self.control.init = Some(self.init(FrameType::InitReq, INIT_ID));
        self.note_waiting();
    }

    fn init(&self, kind: FrameType, id: u32) -> BytesMut {
        let mut frame = BytesMut::with_capacity(192);
        let pairs = [
            (init_keys::HOST_PORT, cut(&self.host_port)),
            (init_keys::PROCESS_NAME, cut(&self.config.process_name)),
            (init_keys::LANGUAGE, LANGUAGE),
            (init_keys::LANGUAGE_VERSION, LANGUAGE_VERSION),
            (init_keys::VERSION, IMPLEMENTATION_VERSION),
        ];
        wire::put_init(&mut frame, kind, id, VERSION, &pairs).expect("five short values fit a frame");
        frame
    }

    /// Whether a frame of this type may come now; fatal if not. Asked as soon as the frame's header is there.
    pub(super) fn expects(&mut self, header: &[u8], kind: u8) -> bool {
        let State::Handshake(handshake) = self.state else { return true };
        let kind = FrameType::from_byte(kind);
        let expected = match handshake {
            Handshake::Opening => {
                matches!(kind, Some(FrameType::InitRes | FrameType::Error)) && !foreign::is_alert(header)
            }
            Handshake::Waiting => kind == Some(FrameType::InitReq) && !foreign::is_client_hello(header),
        };
        if !expected {
            self.unexpected(handshake, header);
        }
        expected
    }

    /// Whether these bytes, too few for a frame's header, are all that a server of another protocol sends; fatal if so.
    pub(super) fn is_cut_short(&mut self, bytes: &[u8]) -> bool {
        let is_alert = self.state_is(Handshake::Opening) && foreign::is_alert(bytes);
        if is_alert {
            self.unexpected(Handshake::Opening, bytes);
        }
        is_alert
    }

    /// Ends it for what came instead of the other half of the handshake.
    fn unexpected(&mut self, awaited: Handshake, header: &[u8]) {
        let kind = header.get(2).copied().map(|byte| (byte, FrameType::from_byte(byte)));
        let got = match (foreign::described(header), kind) {
            (Some(described), _) => described,
            (None, Some((_, Some(kind)))) => kind.to_string(),
            (None, Some((byte, None))) => format!("frame type {byte:#04x}"),
            (None, None) => format!("{} bytes", header.len()),
        };
        let awaited = match awaited {
            Handshake::Opening => "init res",
            Handshake::Waiting => "init req",
        };
        self.fatal(CloseReason::Protocol(format!("expected {awaited}, got {got}")));
    }

    pub(super) fn init_req(&mut self, id: u32, body: &Bytes) {
        if self.state_is(Handshake::Waiting) {
            match Init::decode(body) {
                Err(malformed) => self.fatal(CloseReason::Malformed(malformed.within(FrameType::InitReq))),
                Ok(init) if init.version < VERSION => {
                    self.fatal(CloseReason::Protocol(format!(
                        "init req: version {} is not supported, 2 is",
                        init.version
                    )));
                }
                Ok(init) => {
                    let init_res = self.init(FrameType::InitRes, id);
                    if self.identify("init req", &init) {
                        self.control.init = Some(init_res);
                        self.note_waiting();
                    }
                }
            }
        } else {
            self.fatal(CloseReason::Protocol("second init req".into()));
        }
    }

    pub(super) fn init_res(&mut self, id: u32, body: &Bytes) {
        if self.state_is(Handshake::Opening) {
            match Init::decode(body) {
                _ if id != INIT_ID => {
                    self.fatal(CloseReason::Protocol(format!(
                        "init res: id {id} answers no init req, {INIT_ID} does"
                    )));
                }
                Err(malformed) => self.fatal(CloseReason::Malformed(malformed.within(FrameType::InitRes))),
                Ok(init) if init.version != VERSION => {
                    self.fatal(CloseReason::Protocol(format!(
                        "init res: version {} is not supported, 2 is",
                        init.version
                    )));
                }
                Ok(init) => {
                    self.identify("init res", &init);
                }
            }
        } else {
            self.fatal(CloseReason::Protocol("unexpected init res".into()));
        }
    }

    /// An error frame instead of an init res: the peer will not have us.
    pub(super) fn refused(&mut self, body: &Bytes) {
        match ErrorFrame::decode(body) {
            Err(malformed) => self.fatal(CloseReason::Malformed(malformed.within(FrameType::Error))),
            Ok(error) => {
                self.refused_by_peer(error.code, peer_text(&error.message));
            }
        }
    }

    fn state_is(&self, wanted: Handshake) -> bool {
        matches!(self.state, State::Handshake(handshake) if handshake == wanted)
    }

    /// Learns who the peer is, and goes on to calls; false if it did not say.
    fn identify(&mut self, frame: &str, init: &Init) -> bool {
        let header = |key| init.headers.get(key).map(String::from);
        for required in [init_keys::HOST_PORT, init_keys::PROCESS_NAME] {
            if init.headers.get(required).is_none() {
                self.fatal(CloseReason::Protocol(format!("{frame}: header {required} is missing")));
                return false;
            }
        }
        let host_port = header(init_keys::HOST_PORT).unwrap_or_default();
        let language = header(init_keys::LANGUAGE).unwrap_or_default();
        let named = announced(&host_port).map(String::from);
        if named.is_none() && !host_port.is_empty() && !host_port.ends_with(":0") {
            self.stats.odd_host_ports += 1;
        }
        self.profile = Profile::of(&language);
        let remote = Arc::new(Remote {
            host_port: named,
            process_name: header(init_keys::PROCESS_NAME).unwrap_or_default(),
            language,
            language_version: header(init_keys::LANGUAGE_VERSION).unwrap_or_default(),
            version: header(init_keys::VERSION).unwrap_or_default(),
            headers: init.headers.iter().map(|(key, value)| (key.into(), value.into())).collect(),
        });
        self.remote = Some(Arc::clone(&remote));
        self.state = State::Active;
        self.timers.handshake = None;
        if !self.ready.is_empty() {
            self.note_waiting();
        }
        self.push(Event::Ready(remote));
        self.announce_drain();
        self.schedule_ping();
        true
    }
}

/// Our own words are cut to what surely fits.
fn cut(text: &str) -> &str {
    const LONGEST: usize = 1_024;
    text.char_indices().find(|(at, _)| *at >= LONGEST - 4).map_or(text, |(at, _)| &text[..at])
}
