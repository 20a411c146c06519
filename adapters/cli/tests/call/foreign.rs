//! Ports that speak something else.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};

use super::program::{Ran, call};
use super::scripted::{error, server, until_closed};

fn raw(at: &str, more: &[&str]) -> Ran {
    call(at, &[&["echo", "echo", "--raw"], more].concat())
}

/// A server that greets so.
fn saying(bytes: &'static [u8]) -> String {
    server(|mut stream| {
        stream.write_all(bytes).unwrap();
        until_closed(stream);
    })
}

#[test]
fn http_is_named() {
    let ran = raw(&saying(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), &[]);
    let at = ran.expect(125, &["got HTTP", "speaks another protocol", "in the handshake"]).value();
    assert_eq!((&at["ok"], &at["phase"]), (&false.into(), &"handshake".into()));
}

#[test]
fn tls_is_named() {
    raw(&saying(&[0x15, 3, 3, 0, 2, 2, 70]), &[]).expect(125, &["got TLS", "--tls"]);
}

#[test]
fn a_greeting_is_shown() {
    raw(&saying(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), &[]).expect(125, &["\"SSH-2.0-OpenSSH_\""]);
}

#[test]
fn http2_is_no_frame() {
    raw(&saying(&[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 5, 0, 0, 64, 0]), &[])
        .expect(125, &["frame size is 0", "may speak another protocol"]);
}

#[test]
fn silence_is_told_with_the_limit_that_ended_it() {
    let silence = || server(until_closed);
    raw(&silence(), &["--timeout", "500"])
        .expect(125, &["in the handshake", "--timeout 500", "says nothing"]);
    raw(&silence(), &["--timeout", "60000", "--connect-timeout", "500"])
        .expect(125, &["in the handshake", "--connect-timeout 500", "says nothing"]);
    raw(&silence(), &["--timeout", "500", "--tls", "--insecure"])
        .expect(125, &["while connecting", "--timeout 500", "may not speak TLS"]);
}

#[test]
fn a_close_in_the_handshake_is_told() {
    raw(&server(drop), &[]).expect(125, &["in the handshake", "may speak another protocol"]);
}

#[test]
fn a_refusal_in_the_handshake_is_the_peers_error() {
    let at = server(|mut stream| {
        stream.write_all(&error(1, 3, "come back later")).unwrap();
        until_closed(stream);
    });
    raw(&at, &[]).expect(3, &["busy (remote)", "come back later"]);
}

#[test]
fn nobody_at_the_port_is_told_of_connecting() {
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().to_string();
    let ran = raw(&gone, &[]);
    let value = ran.expect(125, &["while connecting", &gone, "onnection refused"]).value();
    assert_eq!((&value["phase"], &value["isErrorFrame"]), (&"connect".into(), &false.into()));
}

#[test]
fn names_that_nobody_has_are_told_of_looking_up() {
    let ran = raw("no-such-host.invalid:1", &[]);
    let value = ran.expect(125, &["cannot look up", "no-such-host.invalid"]).value();
    assert_eq!(value["phase"], "resolve");
}
