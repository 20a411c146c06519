//! What the core sends, read by a decoder of the suite's own and written as a line.
//!
//! `call req 2 more ttl 1000 echo [cn=demo as=raw] T crc32c 'echo' 'head'`, `error none declined - "draining: bye"`:
//! type, id, `more` if more frames follow, then the fields in the order of their bytes. `T` is the tracing of the
//! cases, `-` is all zeros. A chunk that is long or not printable shows as its length.

use std::collections::BTreeMap;

use super::checksum;
use super::frame::{NO_MESSAGE, TYPES};
use super::hex;
use super::never::{Facts, Peer};

/// One frame that the core sent.
pub(crate) struct Sent {
    /// Its line.
    pub(crate) text: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Cuts the core's output into frames and judges each by the rules that hold for all of them.
pub(crate) struct Tap {
    /// To whom the bytes go.
    pub(crate) peer: Peer,
    stream: Vec<u8>,
    /// Checksum kind and running value of each unfinished message, by the type of its continuations and its id.
    unfinished: BTreeMap<(u8, u32), (u8, u32)>,
}

impl Tap {
    pub(crate) fn new(peer: Peer) -> Self {
        Tap { peer, stream: Vec::new(), unfinished: BTreeMap::new() }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stream.extend_from_slice(bytes);
    }

    /// The next whole frame.
    pub(crate) fn next(&mut self) -> Option<Sent> {
        let size = usize::from(u16::from_be_bytes(*self.stream.first_chunk::<2>()?));
        assert!(size >= 16, "sent a frame of size {size}");
        if self.stream.len() < size {
            return None;
        }
        let rest = self.stream.split_off(size);
        let bytes = std::mem::replace(&mut self.stream, rest);
        let text = self.line(&bytes);
        Some(Sent { text, bytes })
    }

    /// Whether every byte so far belonged to a whole frame.
    pub(crate) fn is_at_a_frame_border(&self) -> bool {
        self.stream.is_empty()
    }

    fn line(&mut self, bytes: &[u8]) -> String {
        let mut body = Body { rest: bytes, facts: Facts::default() };
        let (_, kind, reserved, id) = (body.u16(), body.u8(), body.u8(), body.u32());
        assert!(reserved == 0 && body.take(8) == [0; 8], "reserved bytes are not zero");
        let name = TYPES.iter().find(|(_, byte)| *byte == kind).map_or("unknown", |(name, _)| *name);
        let id_text = if id == NO_MESSAGE { "none".into() } else { id.to_string() };
        let fields = match kind {
            0x01 | 0x02 => init(&mut body),
            0x03 => {
                let flags = flags(&mut body);
                let ttl = body.u32();
                body.facts.ttl = Some(ttl);
                let (tracing, service) = (tracing(&mut body), body.text1());
                let (headers, chunks) = (headers(&mut body), self.chunks(kind, id, &flags, &mut body));
                format!("{flags}ttl {ttl} {service} {headers} {tracing} {chunks}")
            }
            0x04 => {
                let flags = flags(&mut body);
                let code = code(body.u8());
                let tracing = tracing(&mut body);
                let (headers, chunks) = (headers(&mut body), self.chunks(kind, id, &flags, &mut body));
                format!("{flags}{code} {headers} {tracing} {chunks}")
            }
            0x13 | 0x14 => {
                let flags = flags(&mut body);
                let chunks = self.chunks(kind, id, &flags, &mut body);
                format!("{flags}{chunks}")
            }
            0xC0 => {
                self.unfinished.remove(&(0x13, id));
                format!("ttl {} {} {:?}", body.u32(), tracing(&mut body), body.text2())
            }
            0xC1 => format!("ttl {} {}", body.u32(), tracing(&mut body)),
            0xD0 | 0xD1 => String::new(),
            0xFF => {
                self.unfinished.remove(&(0x14, id));
                let code = body.u8();
                body.facts.error_code = Some(code);
                let code = error_code(code);
                format!("{code} {} {:?}", tracing(&mut body), body.text2())
            }
            _ => panic!("sent a frame of type {kind:#04x}"),
        };
        assert!(body.rest.is_empty(), "{name} {id_text}: {} bytes too many", body.rest.len());
        body.facts.check(&self.peer, kind, id);
        if kind == 0x02 {
            self.peer.handshake_done = true;
        }
        format!("{name} {id_text} {fields}").trim_end().into()
    }

    /// Checksum kind and chunks, after the checksum was verified along the whole message.
    fn chunks(&mut self, kind: u8, id: u32, flags: &str, body: &mut Body<'_>) -> String {
        let checksum = body.u8();
        let value = if checksum == 0 { 0 } else { body.u32() };
        body.facts.checksum = Some(checksum);
        let family = kind | 0x10;
        let (first, seed) = match kind {
            0x13 | 0x14 => self
                .unfinished
                .remove(&(family, id))
                .unwrap_or_else(|| panic!("continuation for {id}, of which no message is unfinished")),
            _ => (checksum, 0),
        };
        assert_eq!(checksum, first, "the checksum type changed within the message of {id}");
        let mut line = String::from(match checksum {
            0 => "none",
            1 => "crc32",
            2 => "farmhash",
            _ => "crc32c",
        });
        let mut running = Some(seed);
        while !body.rest.is_empty() {
            let length = usize::from(body.u16());
            let chunk = body.take(length);
            body.facts.chunks += 1;
            running = running.and_then(|running| checksum::update(checksum, running, chunk));
            line.push(' ');
            line.push_str(&shown(chunk));
        }
        assert_eq!(running, Some(value), "the checksum of a frame of {id} does not verify");
        if flags.starts_with("more") {
            self.unfinished.insert((family, id), (checksum, value));
        }
        line
    }
}

fn flags(body: &mut Body<'_>) -> String {
    match body.u8() {
        0 => String::new(),
        1 => "more ".into(),
        other => panic!("sent flags {other:#04x}"),
    }
}

fn init(body: &mut Body<'_>) -> String {
    let version = body.u16();
    let count = body.u16();
    body.facts.headers = (0..count).map(|_| (body.text2(), body.text2())).collect();
    format!("version {version} {}", pairs(&body.facts.headers))
}

fn headers(body: &mut Body<'_>) -> String {
    let count = body.u8();
    body.facts.headers = (0..count).map(|_| (body.text1(), body.text1())).collect();
    pairs(&body.facts.headers)
}

fn pairs(headers: &[(String, String)]) -> String {
    let pairs: Vec<_> = headers.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("[{}]", pairs.join(" "))
}

fn tracing(body: &mut Body<'_>) -> String {
    tracing_text(body.take(25))
}

/// `T` for the tracing of the cases, `-` for none, else hex.
pub(crate) fn tracing_text(bytes: &[u8]) -> String {
    if bytes == hex::bytes("T") {
        "T".into()
    } else if bytes == [0; 25] {
        "-".into()
    } else {
        hex::text(bytes)
    }
}

/// `ok`, or the byte.
pub(crate) fn code(byte: u8) -> String {
    if byte == 0 { "ok".into() } else { format!("code {byte}") }
}

/// The specification's name of an error frame's code, or the byte.
pub(crate) fn error_code(byte: u8) -> String {
    match byte {
        1 => "timeout",
        2 => "cancelled",
        3 => "busy",
        4 => "declined",
        5 => "unexpected",
        6 => "bad request",
        7 => "network",
        8 => "unhealthy",
        0xFF => "fatal",
        other => return format!("code {other}"),
    }
    .into()
}

/// Bytes for people: short printable ones in quotes, others by length.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let printable = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    match std::str::from_utf8(bytes) {
        Ok(text) if printable && bytes.len() <= 40 => format!("'{text}'"),
        _ => format!("({})", bytes.len()),
    }
}

/// A body being read; a field that is not there is the core's fault.
struct Body<'a> {
    rest: &'a [u8],
    facts: Facts,
}

impl<'a> Body<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).expect("sent a frame that ends within a field");
        self.rest = rest;
        taken
    }

    fn u8(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.u8(), self.u8()])
    }

    fn u32(&mut self) -> u32 {
        u32::from(self.u16()) << 16 | u32::from(self.u16())
    }

    fn text1(&mut self) -> String {
        let length = usize::from(self.u8());
        String::from_utf8(self.take(length).to_vec()).expect("sent text is UTF-8")
    }

    fn text2(&mut self) -> String {
        let length = usize::from(self.u16());
        String::from_utf8(self.take(length).to_vec()).expect("sent text is UTF-8")
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::frame;
    use super::*;

    /// What the tap makes of a frame for a peer that says it speaks `language`.
    fn tapped(language: &'static str, line: &str) -> String {
        let mut tap = Tap::new(Peer { language: Some(language), handshake_done: true });
        tap.write(&frame(line, 0));
        tap.next().expect("a whole frame").text
    }

    #[test]
    fn a_frame_shows_as_its_fields() {
        let line = tapped("go", "call req 2: 01 TTL T ROUTE 03 7cd169a6 0004'echo' 0000");
        assert_eq!(line, "call req 2 more ttl 2000 echo [as=raw cn=probe] T crc32c 'echo' ''");
    }

    #[test]
    #[should_panic(expected = "a fatal frame to node")]
    fn a_fatal_frame_to_node_is_caught() {
        tapped("node", "error none: ff ZERO 0000");
    }

    #[test]
    #[should_panic(expected = "to this peer")]
    fn a_ping_to_python_is_caught() {
        tapped("python", "ping req 2:");
    }

    #[test]
    #[should_panic(expected = "does not verify")]
    fn a_bad_checksum_is_caught() {
        tapped("go", "call req 2: 00 TTL T ROUTE 03 7cd169a7 0004'echo' 0000");
    }

    #[test]
    #[should_panic(expected = "no message is unfinished")]
    fn a_continuation_of_nothing_is_caught() {
        tapped("go", "call res continue 2: 00 00 0000");
    }

    #[test]
    #[should_panic(expected = "without an arg2 chunk")]
    fn a_first_frame_of_arg1_alone_is_caught() {
        tapped("go", "call req 2: 01 TTL T ROUTE 00 0004'echo'");
    }
}
