//! Whatever is recorded is read back, and saved again as the same text.

use proptest::prelude::*;
use tchannel_cassette::{
    ArgScheme, Blob, Cassette, Interaction, OnCall, RecordMode, Request, Response, TransportHeader,
};

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[a-z' ]{0,200}",
        r#"[-ab:#?'"\\ .~=<0-9]{0,12}"#,
        "[ -~\u{e9}\u{4f60}\u{1f600}]{0,120}",
        any::<String>(),
        "\\PC{90,300}",
    ];
    prop_oneof![
        4 => line.clone(),
        1 => proptest::collection::vec(line, 2..5).prop_map(|lines| lines.join("\n")),
        1 => "[ a\n\t\r\u{85}\u{2028}\u{feff}]{0,40}",
    ]
}

fn blob() -> impl Strategy<Value = Blob> {
    prop_oneof![
        2 => text().prop_map(Blob::from),
        2 => proptest::collection::vec(any::<u8>(), 0..300).prop_map(Blob::from),
        1 => (0..5_usize, any::<u8>()).prop_map(|(lines, byte)| Blob::from(vec![byte; lines * 57])),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let scheme = prop_oneof![Just(ArgScheme::Raw), Just(ArgScheme::Json), Just(ArgScheme::Thrift)];
    let header = (blob(), blob()).prop_map(|(key, value)| TransportHeader { key, value });
    let lists = (proptest::collection::vec(blob(), 0..3), proptest::collection::vec(header, 0..3));
    (text(), text(), scheme, blob(), blob(), blob(), lists).prop_map(
        |(service, endpoint, scheme, headers, body, host_port, (known_peers, transport_headers))| Request {
            service,
            endpoint,
            scheme,
            headers,
            body,
            host_port,
            known_peers,
            transport_headers,
        },
    )
}

fn interaction() -> impl Strategy<Value = Interaction> {
    let response =
        (any::<bool>(), blob(), blob()).prop_map(|(ok, headers, body)| Response { ok, headers, body });
    (request(), response).prop_map(|(request, response)| Interaction { request, response })
}

proptest! {
    #[test]
    fn what_is_recorded_is_read_back(interactions in proptest::collection::vec(interaction(), 0..4)) {
        let mut cassette = Cassette::missing();
        for Interaction { request, response } in &interactions {
            cassette.on_response(request.clone(), response.clone());
        }
        let file = cassette.to_yaml();
        let mut read = Cassette::parse(&file).expect(&file).mode(RecordMode::None);
        prop_assert_eq!(read.to_yaml(), &file[..]);
        for Interaction { request, response } in interactions {
            prop_assert_eq!(read.on_call(&request), OnCall::Replay(response));
        }
        prop_assert_eq!(read.to_yaml(), &file[..]);
    }

    #[test]
    fn lines_are_printable_ascii(interaction in interaction()) {
        let mut cassette = Cassette::missing();
        cassette.on_response(interaction.request, interaction.response);
        let file = cassette.to_yaml();
        prop_assert!(file.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{}", file);
    }

    #[test]
    fn any_text_is_a_cassette_or_an_error(text in any::<String>()) {
        let _ = Cassette::parse(&text);
    }

    #[test]
    fn a_damaged_cassette_is_a_cassette_or_an_error(at in any::<prop::sample::Index>(), with in "\\PC{0,3}", cut in 0..4_usize) {
        let file = include_str!("cassettes/tricky.yaml");
        let at = at.index(file.len());
        let damaged = [&file[..at], &with, &file[(at + cut).min(file.len())..]].concat();
        if let Ok(cassette) = Cassette::parse(&damaged) {
            let saved = cassette.to_yaml();
            prop_assert_eq!(Cassette::parse(&saved).expect("it was written").to_yaml(), saved);
        }
    }
}
