//! The blocking adapter: no runtime anywhere.

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use tchannel_rpc::testing::{echo, pattern};
use tchannel_rpc::{Notice, Wait, blocking};

use super::HANG;

#[test]
fn threads_read_and_write_bodies_without_a_runtime() {
    let server = blocking::channel("server").unwrap();
    echo(&server, "echo", blocking::Blocking::default());
    let at = server.listen("127.0.0.1:0").wait().unwrap();
    let client = blocking::channel("client").unwrap();
    let (mut writer, call) = client.call("echo", "stream").host(at).open();
    writer.arg2("headers").wait().unwrap();
    let mut writer = writer.into_arg3().unwrap();
    let body = pattern(1 << 20);
    let sent = body.clone();
    let sender = thread::spawn(move || {
        writer.write_all(&sent).unwrap();
        writer.flush().unwrap();
        writer.finish().unwrap();
    });
    let mut response = call.wait().unwrap();
    assert_eq!(response.body().arg2().wait().unwrap(), "headers");
    let mut reader = response.into_body().into_arg3();
    assert_eq!(reader.fill_buf().unwrap()[0], body[0]);
    let mut received = Vec::new();
    reader.read_to_end(&mut received).unwrap();
    assert_eq!(received, body);
    sender.join().unwrap();
    client.close().wait();
    server.close().wait();
}

#[test]
fn a_peer_that_never_stops_sending_does_not_keep_its_connection() {
    let server = blocking::channel("server").unwrap();
    let at = server.listen("127.0.0.1:0").wait().unwrap();
    let mut socket = TcpStream::connect(at).unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    socket.read_to_end(&mut Vec::new()).unwrap();
    let began = Instant::now();
    while socket.write_all(b"more").is_ok() {
        assert!(began.elapsed() < HANG, "somebody still reads");
    }
    server.close().wait();
}

#[test]
fn a_server_that_closes_has_refused_nobody() {
    let (told, hears) = mpsc::channel();
    let server = blocking::builder("server").on_notice(move |notice| {
        if let Notice::Refused { from, .. } = notice {
            told.send(*from).unwrap();
        }
    });
    let server = server.build().unwrap();
    server.listen_all(["127.0.0.1:0", "127.0.0.1:0"]).wait().unwrap();
    server.close().wait();
    assert_eq!(hears.try_iter().collect::<Vec<_>>(), []);
}
