//! Names, ours and the peer's.

use std::sync::Arc;

use bytes::BytesMut;
use tchannel_proto::wire::{FrameType, Message, put_init};
use tchannel_proto::{Config, Connection, Event};

use crate::solo::{NOW, sent};

const LONG: usize = 100_000;

fn init_with(host_port: &str) -> BytesMut {
    let mut out = BytesMut::new();
    let pairs = [("host_port", host_port), ("process_name", "p"), ("tchannel_language", "go")];
    put_init(&mut out, FrameType::InitReq, 1, 2, &pairs).expect("short values fit");
    out
}

#[test]
fn names_of_any_length_still_make_an_init_frame() {
    // One byte, two, three and four for each character: the cut must fall between them.
    for letter in ["h", "é", "…", "🦀"] {
        let long = letter.repeat(LONG);
        let mut config = Config::default();
        config.process_name.clone_from(&long);
        let config = Arc::new(config);
        let mut dialling = Connection::connect(NOW, Arc::clone(&config), &long, 1);
        let frames = sent(NOW, &mut dialling);
        assert!(matches!(frames[..], [(1, Message::InitReq(_))]), "{frames:?}");
        let mut accepting = Connection::accept(NOW, config, &long, 1);
        accepting.handle_input(NOW, &mut init_with("1.2.3.4:5"));
        let frames = sent(NOW, &mut accepting);
        assert!(matches!(frames[..], [(1, Message::InitRes(_))]), "{frames:?}");
        assert!(matches!(accepting.poll_event(), Some(Event::Ready(_))));
    }
}

#[test]
fn announced_port_that_is_not_digits_is_no_place_to_dial() {
    for (host_port, named) in [
        ("1.2.3.4:5", true),
        ("1.2.3.4:+5", false),
        ("1.2.3.4:-5", false),
        ("1.2.3.4: 5", false),
        ("1.2.3.4:", false),
        ("1.2.3.4:65536", false),
        ("1.2.3.4:0", false),
        (":5", false),
        ("1.2.3.4", false),
    ] {
        let mut machine = Connection::accept(NOW, Arc::default(), "10.0.0.1:4040", 1);
        machine.handle_input(NOW, &mut init_with(host_port));
        let remote = machine.remote().expect("the handshake is done");
        assert_eq!(remote.host_port.as_deref(), named.then_some(host_port));
    }
}
