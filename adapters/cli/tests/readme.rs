//! The recording in README.md: each command is run again, and says the same but for times.
//!
//! `RECORD=1 cargo test -p tchannel-cli --test readme` records it anew.
#![cfg(unix)]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const TCHANNEL: &str = env!("CARGO_BIN_EXE_tchannel");

/// Where the server of the recording listens. Here it gets a free port.
const AT: &str = "127.0.0.1:4040";

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
    let server = Server::start();
    let mut again = String::new();
    for command in recording.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let said = if command.ends_with(" &") { server.said.clone() } else { run(command, &server.at) };
        again += &format!("$ {command}\n{}", said.replace(&server.at, AT));
    }
    again
}

/// What a command says, words for people included.
fn run(command: &str, at: &str) -> String {
    let directory = Path::new(TCHANNEL).parent().unwrap();
    let path = env::join_paths(
        [directory.to_owned()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())),
    );
    let ran = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{}", command.replace(AT, at))])
        .env("PATH", path.unwrap())
        .current_dir(root())
        .output()
        .unwrap();
    String::from_utf8(ran.stdout).unwrap()
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
struct Server {
    child: Child,
    at: String,
    said: String,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new(TCHANNEL);
        let mut child = command.args(["serve", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let listening: serde_json::Value = serde_json::from_str(&said).unwrap();
        let at = listening["listening"].as_str().unwrap().to_owned();
        Server { child, at, said }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
