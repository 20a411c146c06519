use alloc::format;

use super::*;

fn read(text: &str) -> Result<HostPort, Problem> {
    text.parse().map_err(|error: HostPortError| error.problem)
}

#[test]
fn addresses_and_names_are_read() {
    for text in ["127.0.0.1:4040", "[::1]:4040", "some.host-1:65535", "0.0.0.0:4040"] {
        assert_eq!(read(text).map(|peer| peer.to_string()), Ok(text.into()));
    }
    assert_eq!(read("localhost:04040").map(|peer| peer.to_string()), Ok("localhost:4040".into()));
    let address = read("127.0.0.1:4040").map(|peer| peer.address());
    assert_eq!(address, Ok(Some(SocketAddr::from(([127, 0, 0, 1], 4040)))));
    assert_eq!(read("localhost:4040").map(|peer| peer.address()), Ok(None));
}

#[test]
fn s2_unspecified_address_and_port_0_are_refused() {
    for text in ["0.0.0.0:0", "127.0.0.1:0", "[::]:0", "host:0", "host:000"] {
        assert_eq!(read(text), Err(Problem::PortZero), "{text}");
    }
}

#[test]
fn text_without_a_port_is_refused() {
    for text in ["", "127.0.0.1", "host:", "host:x", "host:+80", "host:65536", "host:99999999999"] {
        assert_eq!(read(text), Err(Problem::NoPort), "{text}");
    }
}

#[test]
fn hosts_that_cannot_be_are_refused() {
    for text in [":80", "::1:80", "a b:80", "http://host:80", "host\n:80", "h\u{f6}st:80"] {
        assert_eq!(read(text), Err(Problem::Host), "{text}");
    }
    assert_eq!(read(&format!("{}:80", "h".repeat(254))), Err(Problem::Host));
}

#[test]
fn message_quotes_the_text_and_says_what_to_do() {
    let error = "127.0.0.1".parse::<HostPort>().expect_err("no port");
    let said = "\"127.0.0.1\" is no peer: write it as host:port, with a port from 1 to 65535";
    assert_eq!(error.to_string(), said);
    let long = "x".repeat(10_000).parse::<HostPort>().expect_err("no port");
    assert!(long.to_string().len() < 250);
}
