//! Servers that say what a test has written down, byte by byte.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

/// A server for one connection; says where it listens.
pub(super) fn server(serve: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    thread::spawn(move || serve(listener.accept().unwrap().0));
    at.to_string()
}

/// A server that shakes hands and takes a call; `answer` gets the call's id.
pub(super) fn answering(answer: impl FnOnce(TcpStream, u32) + Send + 'static) -> String {
    server(move |mut stream| {
        let (init, _) = read_frame(&mut stream);
        stream.write_all(&frame(INIT_RES, init, &INIT)).unwrap();
        let (id, _) = read_frame(&mut stream);
        answer(stream, id);
    })
}

/// A server that shakes hands, takes a call, answers with these bytes, and waits for the other side's end.
pub(super) fn saying(answer: impl FnOnce(u32) -> Vec<u8> + Send + 'static) -> String {
    answering(move |mut stream, id| {
        stream.write_all(&answer(id)).unwrap();
        until_closed(stream);
    })
}

/// Reads until the other side is gone.
pub(super) fn until_closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    let _reset = stream.read_to_end(&mut rest);
}

pub(super) fn frame(kind: u8, id: u32, body: &[u8]) -> Vec<u8> {
    let size = u16::try_from(16 + body.len()).unwrap();
    [&size.to_be_bytes()[..], &[kind, 0], &id.to_be_bytes(), &[0; 8], body].concat()
}

/// A call res: flags, code 0, no trace, `as`, a checksum's type and value, then arguments.
pub(super) fn call_res(id: u32, flags: u8, checksum: &[u8], args: &[u8]) -> Vec<u8> {
    let body = [&[flags, 0][..], &[0; 25], &[1, 2], b"as", &[3], b"raw", checksum, args].concat();
    frame(CALL_RES, id, &body)
}

/// An error frame without a trace.
pub(super) fn error(id: u32, code: u8, message: &str) -> Vec<u8> {
    let len = u16::try_from(message.len()).unwrap();
    frame(ERROR, id, &[&[code][..], &[0; 25], &len.to_be_bytes(), message.as_bytes()].concat())
}

fn read_frame(stream: &mut TcpStream) -> (u32, Vec<u8>) {
    let mut header = [0; 16];
    stream.read_exact(&mut header).unwrap();
    let mut body = vec![0; usize::from(u16::from_be_bytes([header[0], header[1]])) - 16];
    stream.read_exact(&mut body).unwrap();
    (u32::from_be_bytes([header[4], header[5], header[6], header[7]]), body)
}

/// Version 2, `host_port` and `process_name`.
const INIT: [u8; 43] = *b"\0\x02\0\x02\0\x09host_port\0\x090.0.0.0:0\0\x0cprocess_name\0\x01s";
const INIT_RES: u8 = 0x02;
const CALL_RES: u8 = 0x04;
pub(super) const CALL_RES_CONTINUE: u8 = 0x14;
const ERROR: u8 = 0xff;
