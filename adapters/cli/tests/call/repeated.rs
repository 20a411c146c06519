//! The same call many times.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tchannel_tests::peers::{Peer, Server};

use super::program::{Ran, TCHANNEL, call, tchannel};

fn server() -> (Server, String) {
    let server = Server::start(Peer::Node, &[]).unwrap_or_else(|error| panic!("{error}"));
    let at = server.address().to_string();
    (server, at)
}

fn echoed(at: &str, words: &[&str]) -> Ran {
    call(at, &[&["echo", "echo", "--raw", "x"], words].concat())
}

#[test]
fn each_of_so_many_answers_is_printed() {
    let (_server, at) = server();
    for words in [
        &["--requests", "7"][..],
        &["--requests", "7", "--rate", "1000"],
        &["--requests", "7", "--delay", "1"],
    ] {
        let values = echoed(&at, words).expect(0, &[]).values();
        assert_eq!(values.len(), 7, "{words:?}");
        assert!(values.iter().all(|value| value["body"] == "x"));
    }
    let both = echoed(&at, &["-p", "127.0.0.1:1", "--all-peers", "--requests", "3"]);
    assert_eq!(both.expect(125, &["onnection refused"]).values().len(), 6);
}

#[test]
fn calls_end_with_their_time() {
    let (_server, at) = server();
    assert!(!echoed(&at, &["--time", "50"]).expect(0, &[]).values().is_empty());
    let paced = echoed(&at, &["--time", "100", "--rate", "50"]);
    assert_eq!(paced.expect(0, &[]).values().len(), 5);
}

#[test]
fn the_first_failure_decides_how_it_ends() {
    let (_server, at) = server();
    let ran = call(&at, &["echo", "sys-busy", "--raw", "--requests", "3"]);
    assert_eq!(ran.expect(3, &[]).values().len(), 3);
}

#[test]
fn rates_that_cannot_be_are_refused() {
    for rate in ["0", "-1", "fast", "inf"] {
        tchannel(["-p", "127.0.0.1:1", "a", "b", &format!("--rate={rate}")])
            .expect(125, &["a number above 0"]);
    }
}

#[test]
fn calls_end_with_the_pipe_that_reads_their_answers() {
    let (_server, at) = server();
    let words = ["-p", &at, "echo", "echo", "--raw", "x", "--requests", "18446744073709551615"];
    let mut ran = Command::new(TCHANNEL).args(words).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(ran.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with(r#"{"ok":true,"#), "{line}");
    assert_eq!(ran.wait().unwrap().code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn answers_that_cannot_be_written_are_no_success() {
    let (_server, at) = server();
    for words in [&["-p", &at, "echo", "echo", "--raw", "x", "--timeout", "60000"][..], &["--man"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = Command::new(TCHANNEL).args(words).stdout(full).output().unwrap();
        let told = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(125), "{told}");
        assert!(told.contains("cannot write to stdout: No space left on device"), "{told}");
    }
}
