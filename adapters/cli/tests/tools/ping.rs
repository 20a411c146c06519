//! `tchannel ping`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use tchannel_tests::peers::{Peer, Server};

use super::program::{Ran, Served, run};

fn started(peer: Peer) -> Server {
    Server::start(peer, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn pinged(at: &str) -> serde_json::Value {
    let ran = run(&["ping", "-p", at, "-n", "3", "--interval", "1ms", "--timeout", "30000", "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let told = ran.json();
    assert_eq!(told["peer"], at);
    for key in ["connect_ms", "handshake_ms"] {
        assert!(told[key].as_f64().is_some_and(|millis| millis > 0.0), "{told}");
    }
    told
}

fn has_three_answers(told: &serde_json::Value) {
    let pings = told["pings_ms"].as_array().expect("a list");
    assert_eq!((pings.len(), &told["takes_pings"]), (3, &true.into()), "{told}");
    assert!(pings.iter().all(|ping| ping.as_f64().is_some_and(|millis| millis > 0.0)), "{told}");
}

#[test]
fn own_server_says_who_it_is_and_answers() {
    let server = Served::start(&[]);
    let told = pinged(&server.at);
    has_three_answers(&told);
    assert_eq!(
        (&told["headers"]["host_port"], &told["headers"]["tchannel_language"]),
        (&server.at.as_str().into(), &"rust".into())
    );
}

#[test]
fn node_server_answers_pings() {
    let server = started(Peer::Node);
    let told = pinged(&server.address().to_string());
    has_three_answers(&told);
    assert_eq!(told["headers"]["tchannel_language"], "node", "{told}");
}

#[test]
fn python_server_is_not_pinged_and_that_is_well() {
    let server = started(Peer::Python);
    let at = server.address().to_string();
    let told = pinged(&at);
    assert_eq!((&told["takes_pings"], &told["pings_ms"]), (&false.into(), &serde_json::json!([])));
    let ran = run(&["ping", "-p", &at]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.ends_with("  not pinged: peers in python answer no pings\n"), "{ran:?}");
}

#[test]
fn result_for_people_has_a_line_for_each_header_and_each_ping() {
    let server = Served::start(&[]);
    let ran = run(&["ping", "-p", &server.at, "-n", "2", "--interval", "0s"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with(&format!("{}: connected in ", server.at)), "{ran:?}");
    assert!(lines[0].contains(", handshake in "), "{ran:?}");
    let wide = "tchannel_language_version".len();
    assert_eq!(lines[1], format!("  {:wide$}  {}", "host_port", server.at));
    assert!(lines.iter().any(|line| line.starts_with("  ping 2  ")), "{ran:?}");
    assert!(lines.last().is_some_and(|last| last.starts_with("  2 of 2 pings answered: least ")), "{ran:?}");
}

#[test]
fn what_speaks_something_else_is_told_and_the_others_are_pinged_all_the_same() {
    let server = Served::start(&[]);
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = other.local_addr().expect("it is bound").to_string();
    let web = thread::spawn(move || {
        let (mut stream, _) = other.accept().expect("it is dialled");
        let _whatever = stream.read(&mut [0; 1_024]);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("it takes some");
    });
    let ran = run(&["ping", "-p", &at, "-p", &server.at, "-n", "1", "--json"]);
    web.join().expect("it answered");
    assert_eq!(ran.code, Some(125), "{ran:?}");
    assert!(ran.stderr.contains(&at) && ran.stderr.contains("HTTP"), "{ran:?}");
    assert_eq!(ran.json()["peer"], server.at.as_str());
}

#[test]
fn silence_ends_in_time_and_says_which_limit_it_was() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = silent.local_addr().expect("it is bound").to_string();
    let ran = run(&["ping", "-p", &at, "--connect-timeout", "300"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(125), ""), "{ran:?}");
    // On a busy machine connecting alone may take all of it.
    let said = ["the handshake took longer", "connecting took longer"];
    assert!(said.iter().any(|words| ran.stderr.contains(words)), "{ran:?}");
    assert!(ran.stderr.contains("than 300ms (--connect-timeout)"), "{ran:?}");
}

/// Pings a peer that says this much about itself, and nothing else.
fn pinged_that_says(headers: &[(&str, &str)]) -> Ran {
    let text = |text: &str| [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat();
    let mut body = vec![0, 2];
    body.extend(u16::try_from(headers.len()).unwrap().to_be_bytes());
    body.extend(headers.iter().flat_map(|(key, value)| [text(key), text(value)].concat()));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("it is bound").to_string();
    let peer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("it is dialled");
        let mut header = [0; 16];
        stream.read_exact(&mut header).expect("an init req");
        let size = u16::try_from(16 + body.len()).unwrap();
        let frame = [&size.to_be_bytes()[..], &[2, 0], &header[4..8], &[0; 8], &body].concat();
        stream.write_all(&frame).expect("it takes it");
        let _reset = stream.read_to_end(&mut Vec::new());
    });
    let ran = run(&["ping", "-p", &at]);
    peer.join().expect("it has answered");
    ran
}

#[test]
fn escapes_of_terminals_in_what_a_peer_says_about_itself_stay_escaped() {
    let long = "k".repeat(30_000);
    let [host, name] = [("host_port", "0.0.0.0:0"), ("process_name", "\u{1b}[2J")];
    let ran = pinged_that_says(&[host, name, ("\u{1b}[31m\u{9b}", ""), (&long, ""), ("k", "v")]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.stdout.contains(|c: char| c.is_control() && c != '\n'), "{:?}", ran.stdout);
    let wide = r"\u{1b}[31m\u{9b}".len();
    let line = format!("  {:wide$}  v", "k");
    assert!(ran.stdout.lines().any(|told| told == line), "one long key moves no other");
}
