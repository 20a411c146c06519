//! Servers that mean harm: a clear message, the documented exit code, and an end in time.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::program::{Ran, call, tchannel_reading};
use super::scripted::{CALL_RES_CONTINUE, answering, call_res, error, frame, saying};

const NO_CHECKSUM: &[u8] = &[0];
const MORE: u8 = 1;

fn echo(at: &str, more: &[&str]) -> Ran {
    call(at, &[&["echo", "echo"], more].concat())
}

#[test]
fn an_endless_body_ends_at_the_limit() {
    let at = answering(|mut stream, id| {
        let chunk = [&[MORE, 0, 0xea, 0x60][..], &vec![b'x'; 60_000]].concat();
        let chunk = frame(CALL_RES_CONTINUE, id, &chunk);
        let begun = stream.write_all(&call_res(id, MORE, NO_CHECKSUM, &[0, 0, 0, 0, 0, 0]));
        let mut more = begun;
        while more.is_ok() {
            more = stream.write_all(&chunk);
        }
    });
    echo(&at, &["--raw", "--timeout", "600000"]).expect(125, &["more than 67108864 bytes", &at]);
}

#[test]
fn a_wrong_checksum_is_told() {
    let at = saying(|id| call_res(id, 0, &[1, 0, 0, 0, 9], b"\0\0\0\0\0\x04body"));
    let ran = echo(&at, &["--raw"]);
    let value = ran.expect(125, &["invalid checksum (type 1) expected: 9", &at]).value();
    assert_eq!((&value["ok"], &value["phase"]), (&false.into(), &"answer".into()));
}

#[test]
fn an_answer_that_drips_does_not_outlast_the_timeout() {
    let at = answering(|mut stream, id| {
        stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let args = [&b"\0\0\0\0\xea\x60"[..], &vec![b'x'; 60_000]].concat();
        for byte in call_res(id, 0, NO_CHECKSUM, &args) {
            if is_gone(&mut stream) || stream.write_all(&[byte]).is_err() {
                return;
            }
        }
        panic!("somebody waited for all of it");
    });
    echo(&at, &["--raw", "--timeout", "300"]).expect(125, &["timed out", "--timeout 300", &at]);
}

/// Whether the other side closes before the stream's read timeout.
fn is_gone(stream: &mut TcpStream) -> bool {
    let read = stream.read(&mut [0; 64]);
    !read.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

#[test]
fn a_server_that_takes_nothing_is_not_waited_for() {
    let (told, closed) = std::sync::mpsc::channel::<()>();
    let at = answering(move |stream, _| {
        let _over = closed.recv();
        drop(stream);
    });
    let words = ["-p", &at, "echo", "echo", "--raw", "-", "--timeout", "300"];
    tchannel_reading(words, &vec![b'x'; 30 << 20]).expect(125, &["timed out", "--timeout 300"]);
    drop(told);
}

#[test]
fn an_answer_that_is_cut_is_told() {
    let at = answering(|mut stream, id| {
        let whole = call_res(id, 0, NO_CHECKSUM, b"\0\0\0\0\0\x04body");
        stream.write_all(&whole[..whole.len() - 2]).unwrap();
    });
    echo(&at, &["--raw"]).expect(125, &["the peer closed the connection", "after sending"]);
}

#[test]
fn a_frame_that_breaks_the_format_is_told() {
    let at = saying(|_| vec![0, 7, 4, 0]);
    echo(&at, &["--raw"]).expect(125, &["fatal protocol error (local)", "frame size is 7"]);
}

#[test]
fn a_body_that_is_no_json_is_told() {
    let at = saying(|id| call_res(id, 0, NO_CHECKSUM, b"\0\0\0\x02{}\0\x05{\"a\":"));
    let ran = echo(&at, &["--json"]);
    let value = ran.expect(125, &["cannot read the answer", "EOF while parsing", &at]).value();
    assert_eq!(value["ok"], false);
}

#[test]
fn a_body_that_is_no_thrift_is_told() {
    let at = saying(|id| call_res(id, 0, NO_CHECKSUM, b"\0\0\0\0\0\x04\x0b\0\0\x7f"));
    call(&at, &["echo", "--health"]).expect(125, &["cannot read the answer of Meta::health"]);
}

#[test]
fn deep_json_is_refused() {
    let at = saying(|id| {
        let body = "[".repeat(50_000);
        let len = u16::try_from(body.len()).unwrap();
        call_res(id, 0, NO_CHECKSUM, &[&b"\0\0\0\0"[..], &len.to_be_bytes(), body.as_bytes()].concat())
    });
    echo(&at, &["--json"]).expect(125, &["cannot read the answer", "recursion limit"]);
}

#[test]
fn codes_that_the_protocol_does_not_name_are_unexpected_errors() {
    for code in [0, 0x42, 0x80] {
        let at = saying(move |id| error(id, code, "what is this?"));
        echo(&at, &["--raw"]).expect(5, &["what is this?", "(remote)"]);
    }
}

#[test]
fn escapes_of_terminals_stay_escaped_in_json() {
    let at = saying(|id| error(id, 5, "\u{1b}[2Jgone"));
    let ran = echo(&at, &["--raw"]);
    assert!(!ran.stdout.contains('\u{1b}'), "{:?}", ran.stdout);
    assert!(!ran.told.contains('\u{1b}'), "{:?}", ran.told);
    let at = saying(|id| call_res(id, 0, NO_CHECKSUM, "\0\0\0\0\0\u{5}\u{9b}2J\u{7f}".as_bytes()));
    let ran = echo(&at, &["--raw"]);
    assert_eq!(ran.value()["body"], "\u{9b}2J\u{7f}");
    assert!(!ran.stdout.trim_end().contains(char::is_control), "{:?}", ran.stdout);
}
