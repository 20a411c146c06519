//! The recording in README.md: each command is run again, and says the same but for times.
//!
//! `RECORD=1 cargo test -p tchannel-cli --test readme` records it anew.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tchannel_tests::peers::{Peer, Server};

const TCHANNEL: &str = env!("CARGO_BIN_EXE_tchannel");

/// Where the servers of the recording listen: one of our own, and a ring of three. Here they get free ports.
const AT: [&str; 4] = ["127.0.0.1:4040", "127.0.0.1:21300", "127.0.0.1:21301", "127.0.0.1:21302"];

/// What the recording stands between.
const BEGIN: &str = "```console\n$ tchannel serve";
const END: &str = "```\n";

#[test]
fn the_recording_says_what_the_program_says() {
    let readme = root().join("README.md");
    let text = fs::read_to_string(&readme).unwrap();
    let begin = text.find(BEGIN).expect("a recording") + "```console\n".len();
    let end = begin + text[begin..].find(END).expect("its end");
    let again = play(&text[begin..end]);
    if env::var_os("RECORD").is_some() {
        fs::write(readme, [&text[..begin], &again, &text[end..]].concat()).unwrap();
        return;
    }
    assert_eq!(timeless(&text[begin..end]), timeless(&again));
}

/// Runs the commands of a recording, and records them.
fn play(recording: &str) -> String {
    let (server, ring) = (Serving::start(), ring());
    let at = [std::slice::from_ref(&server.at), &ring.addresses[..]].concat();
    let mut again = String::new();
    for command in recording.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let mut said = if command.ends_with(" &") { server.said.clone() } else { run(command, &at) };
        for (here, there) in at.iter().zip(AT) {
            said = said.replace(here, there);
        }
        again.extend(["$ ", command, "\n", &said]);
    }
    again
}

/// What a command says, words for people included.
fn run(command: &str, at: &[String]) -> String {
    let mut command = command.to_owned();
    for (here, there) in at.iter().zip(AT) {
        command = command.replace(there, here);
    }
    let directory = Path::new(TCHANNEL).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap();
    let path = env::join_paths([directory].into_iter().chain(env::split_paths(&path))).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 2>&1\n{command}")]).env("PATH", path).current_dir(root());
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

/// Hyperbahn's routers are a ring.
struct Ring {
    /// In the order in which they are shown.
    addresses: Vec<String>,
    _routers: Vec<Server>,
}

/// Three routers that know each other.
fn ring() -> Ring {
    let (mut addresses, mut routers): (Vec<String>, Vec<Server>) = Default::default();
    for _ in AT.iter().skip(1) {
        let others = addresses.join(",");
        let join: &[&str] = if others.is_empty() { &[] } else { &["--join", &others] };
        let router = Server::start(Peer::Hyperbahn, join).unwrap_or_else(|error| panic!("{error}"));
        addresses.push(router.address().to_string());
        routers.push(router);
    }
    addresses.sort();
    // The last to join may still be telling the others that it is alive.
    loop {
        let peers = addresses.iter().flat_map(|at| ["-p", at]);
        let ran = Command::new(TCHANNEL).arg("ringpop").args(peers).arg("members").output().unwrap();
        if ran.status.success() {
            return Ring { addresses, _routers: routers };
        }
    }
}

/// Numbers of each run its own are all the same here: times, and how many calls took how long.
fn timeless(recording: &str) -> String {
    let mut same = String::new();
    let mut measured = true;
    for line in recording.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            measured = !command.starts_with("tchannel decode");
        }
        // A bar of the plot: which there are depends on the times.
        if measured && line.trim_start().starts_with("<=") {
            continue;
        }
        let words = line.split(' ').filter(|word| !measured || !is_measured(word));
        same += &words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        same.push('\n');
    }
    same
}

/// A number that is not a count of what was asked for, or its unit; or the process.
fn is_measured(word: &str) -> bool {
    if word.starts_with("tchannel[") {
        return true;
    }
    let word = word.trim_end_matches([',', ':', '}', '%']);
    word.contains('.') && word.ends_with(|last: char| last.is_ascii_digit() || last == 's')
        || ["ns", "us", "ms", "s"].contains(&word)
        || word.parse::<u64>().is_ok_and(|number| number > 9)
}

/// `tchannel serve`, until it is dropped.
struct Serving {
    child: Child,
    at: String,
    said: String,
}

impl Serving {
    fn start() -> Self {
        let mut command = Command::new(TCHANNEL);
        let mut child = command.args(["serve", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let listening: serde_json::Value = serde_json::from_str(&said).unwrap();
        let at = listening["listening"].as_str().unwrap().to_owned();
        Serving { child, at, said }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
