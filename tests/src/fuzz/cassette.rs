use tchannel_cassette::{
    ArgScheme, Blob, Cassette, Interaction, OnCall, RecordMode, Request, Response, TransportHeader,
};

use crate::source::{Source, Tape};

/// Cassettes: any text is one or an error, and what was recorded is read back.
pub fn cassette(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        read(text);
    }
    recorded(&mut Tape::new(data));
}

/// A text that is a cassette is saved as a text that stays the same from then on.
fn read(text: &str) {
    let cassette = match Cassette::parse(text) {
        Ok(cassette) => cassette,
        Err(error) => {
            let lines = 1 + text.matches(['\n', '\r']).count();
            assert!((1..=lines + 1).contains(&error.line), "{error} of {lines} lines");
            return;
        }
    };
    let saved = cassette.to_yaml();
    let again = Cassette::parse(&saved).unwrap_or_else(|error| panic!("{error}\n{saved}"));
    assert_eq!(again.to_yaml(), saved);
}

fn recorded(source: &mut Tape<'_>) {
    let mut cassette = Cassette::missing();
    while !source.is_spent() && cassette.recorded().len() < MOST {
        let Interaction { request, response } = interaction(source);
        cassette.on_response(request, response);
    }
    let file = cassette.to_yaml();
    let mut again = match Cassette::parse(&file) {
        Ok(again) => again.mode(RecordMode::None),
        Err(error) => panic!("{error}\n{file}"),
    };
    assert_eq!(again.to_yaml(), file);
    for Interaction { request, response } in cassette.recorded() {
        let played = again.on_call(request);
        // Headers may match without being the same, and the first match answers.
        let OnCall::Replay(answer) = played else { panic!("{played:?}\n{file}") };
        let is_known = cassette.recorded().iter().any(|each| each.response == answer);
        assert!(is_known, "{answer:?} instead of {response:?}\n{file}");
    }
    let OnCall::Refuse(refused) = again.on_call(&interaction(source).request) else {
        panic!("each recording is used once\n{file}");
    };
    assert!(!refused.to_string().is_empty());
}

fn interaction(source: &mut Tape<'_>) -> Interaction {
    let mut request = Request::new(text(source), text(source), scheme(source));
    (request.headers, request.body, request.host_port) = (blob(source), blob(source), blob(source));
    request.known_peers = (0..source.below(3)).map(|_| blob(source)).collect();
    let header = |_| TransportHeader { key: blob(source), value: blob(source) };
    request.transport_headers = (0..2).map(header).collect();
    request.transport_headers.truncate(source.below(3));
    let response = Response { ok: source.chance(128), headers: blob(source), body: blob(source) };
    Interaction { request, response }
}

fn scheme(source: &mut Tape<'_>) -> ArgScheme {
    source.pick(&[ArgScheme::Raw, ArgScheme::Json, ArgScheme::Thrift])
}

fn text(source: &mut Tape<'_>) -> String {
    String::from_utf8_lossy(&bytes(source)).into_owned()
}

fn blob(source: &mut Tape<'_>) -> Blob {
    bytes(source).into()
}

/// Short ones mostly, some of a few lines.
fn bytes(source: &mut Tape<'_>) -> Vec<u8> {
    let len = usize::from(source.byte());
    if len < 192 { source.run(len % 32) } else { source.run(len) }
}

/// Interactions of one cassette.
const MOST: usize = 8;
