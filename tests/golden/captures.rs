//! Reads the captured frames under `frames/`.

use std::{collections::BTreeMap, fs, path::Path};

use bytes::{Bytes, BytesMut};
use tchannel_wire::Frame;

/// The groups of ordinary conversations.
pub(crate) const GROUPS: [&str; 7] =
    ["handshake", "calls", "fragments", "streaming", "errors", "schemes", "hyperbahn"];
/// Faulty frames made by hand, each sent to every implementation.
pub(crate) const FAULTY: [&str; 2] = ["to-servers", "to-clients"];

/// Who sent some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sender {
    /// The side that opened the connection.
    Client,
    /// The side that accepted it.
    Server,
}

/// One conversation, possibly over several connections.
pub(crate) struct Scenario {
    /// `group: client-server scenario`, or `to-servers: server case`.
    pub(crate) name: String,
    /// What was sent, in the order seen.
    pub(crate) sent: Vec<Sent>,
    /// What became of it, for the faulty ones.
    pub(crate) reaction: Option<String>,
}

/// The bytes of one frame, or of something that is none.
pub(crate) struct Sent {
    /// Number of the connection.
    pub(crate) connection: u32,
    /// Who sent it.
    pub(crate) by: Sender,
    /// All bytes, frame header included.
    pub(crate) bytes: Bytes,
}

impl Sent {
    /// The frame, if the bytes are one and nothing else.
    pub(crate) fn frame(&self) -> Option<Frame> {
        let mut input = BytesMut::from(self.bytes.as_ref());
        let frame = Frame::take(&mut input).ok().flatten()?;
        input.is_empty().then_some(frame)
    }
}

impl Scenario {
    /// What each side wrote to each connection, end to end.
    pub(crate) fn streams(&self) -> BTreeMap<(u32, Sender), BytesMut> {
        let mut streams = BTreeMap::new();
        for sent in &self.sent {
            let stream: &mut BytesMut = streams.entry((sent.connection, sent.by)).or_default();
            stream.extend_from_slice(&sent.bytes);
        }
        streams
    }
}

/// Reads one file: `= NAME` starts a scenario, `> WORD` ends it, all else is `[connection] c2s|s2c hex…`.
pub(crate) fn read(group: &str) -> Vec<Scenario> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("frames").join(group).with_extension("txt");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut scenarios: Vec<Scenario> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("= ") {
            scenarios.push(Scenario { name: format!("{group}: {name}"), sent: Vec::new(), reaction: None });
            continue;
        }
        let scenario = scenarios.last_mut().expect("a scenario starts with its name");
        match line.strip_prefix("> ") {
            Some(word) => scenario.reaction = Some(word.to_owned()),
            None => scenario.sent.push(sent(line)),
        }
    }
    scenarios
}

fn sent(line: &str) -> Sent {
    let mut words = line.split(' ').peekable();
    let connection =
        words.next_if(|word| word.parse::<u32>().is_ok()).map_or(0, |word| word.parse().expect("a number"));
    let by = match words.next() {
        Some("c2s") => Sender::Client,
        Some("s2c") => Sender::Server,
        other => panic!("no direction: {other:?}"),
    };
    let mut bytes = Vec::new();
    for word in words {
        match word.split_once('*') {
            Some((unit, count)) => bytes.extend(hex(unit).repeat(count.parse().expect("a count"))),
            None => bytes.extend(hex(word)),
        }
    }
    Sent { connection, by, bytes: bytes.into() }
}

fn hex(text: &str) -> Vec<u8> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "whole bytes");
    let digit =
        |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).expect("hex");
    pairs.iter().map(|&[high, low]| digit(high) * 16 + digit(low)).collect()
}
