//! The program, run and served.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

pub(super) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchannel"));
    command.args(words).stdin(Stdio::null());
    command
}

/// What a run left behind.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

pub(super) fn run(words: &[&str]) -> Ran {
    let output = command(words).output().expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("it says text");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Ran {
    /// Its one line of JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// `tchannel serve` as a process. Dropping it kills it.
pub(super) struct Served {
    pub(super) child: Child,
    pub(super) stdout: BufReader<ChildStdout>,
    pub(super) at: String,
}

impl Served {
    pub(super) fn start(words: &[&str]) -> Self {
        let mut child =
            command(&[&["serve"], words].concat()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it says where it listens");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        let at = said["listening"].as_str().expect("it says where").to_owned();
        Served { child, stdout, at }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
