//! The program and its files.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What it said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Said {
    /// Each line of stdout, which is JSON.
    pub(crate) fn values(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }
}

/// A capture that is committed.
pub(crate) fn capture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../core/capture/tests/captures").join(name);
    path.to_str().expect("a path of text").to_owned()
}

/// Runs `tchannel decode`.
pub(crate) fn decode(words: &[&str]) -> Said {
    decode_of(words, b"")
}

/// Runs it with this on stdin.
pub(crate) fn decode_of(words: &[&str], input: &[u8]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchannel"));
    command.arg("decode").args(words).env_remove("CLICOLOR_FORCE");
    let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.expect("it starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    let input = input.to_vec();
    // Beside the reading: both pipes may be full at a time. It may end without reading any.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it writes");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().expect("a code") }
}
