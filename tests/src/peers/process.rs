//! One script of a peer as a child process.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use super::{Error, Peer, install, sources};

/// A running script: its lines, its stderr and its end. Dropping it kills that child and waits for it; a test that
/// fails meanwhile shows what the child wrote to stderr.
#[derive(Debug)]
pub(super) struct Process {
    peer: Peer,
    script: &'static str,
    child: Child,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
}

impl Process {
    /// Installs the peer if need be and starts the script. Its stdin stays open until the process is dropped, however
    /// this process ends.
    pub(super) fn start(peer: Peer, script: &'static str, args: &[&str]) -> Result<Self, Error> {
        let mut command = command(peer, script)?;
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| Error::Process {
            peer,
            script,
            problem: format!(
                "did not start ({error}); deleting target/peers makes the next run install it again"
            ),
            stderr: String::new(),
        })?;
        let stdout = child.stdout.take().expect("stdout was asked for");
        let stderr = child.stderr.take().expect("stderr was asked for");
        let stderr = Some(thread::spawn(move || read_all(stderr)));
        Ok(Process { peer, script, child, lines: lines_of(stdout), stderr })
    }

    /// The next line of stdout, or nothing when there will be no more. Waiting longer than `limit` is an error and
    /// ends the process.
    pub(super) fn line(&mut self, limit: Duration) -> Result<Option<String>, Error> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(self.fail(format!("printed nothing for {limit:?}"))),
        }
    }

    /// Its lines, each a value, up to its end, which is a good one. Waiting longer than `limit` for one is an error.
    pub(super) fn outcomes(mut self, limit: Duration) -> Result<Vec<Value>, Error> {
        let mut outcomes = Vec::new();
        while let Some(line) = self.line(limit)? {
            match serde_json::from_str(&line) {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => return Err(self.fail(format!("printed `{line}` ({error})"))),
            }
        }
        let status = self.wait()?;
        if !status.success() {
            return Err(self.fail(format!("ended with {status}")));
        }
        Ok(outcomes)
    }

    /// Waits for a process that has closed its stdout.
    pub(super) fn wait(&mut self) -> Result<ExitStatus, Error> {
        self.child.wait().map_err(|error| self.fail(format!("could not be waited for ({error})")))
    }

    /// Sends SIGTERM.
    pub(super) fn terminate(&self) -> Result<(), Error> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        if sent.is_ok_and(|status| status.success()) {
            return Ok(());
        }
        Err(Error::Process {
            peer: self.peer,
            script: self.script,
            problem: "cannot be sent SIGTERM by `kill`".into(),
            stderr: String::new(),
        })
    }

    /// Ends the process and makes an error of it.
    pub(super) fn fail(&mut self, problem: impl Into<String>) -> Error {
        Error::Process { peer: self.peer, script: self.script, problem: problem.into(), stderr: self.end() }
    }

    /// Kills and reaps the child; the first time, returns what it wrote to stderr.
    fn end(&mut self) -> String {
        let _already_gone = self.child.kill();
        let _already_reaped = self.child.wait();
        self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let stderr = self.end();
        if thread::panicking() && !stderr.is_empty() {
            eprintln!("{} of the {} peer wrote to stderr:\n{stderr}", self.script, self.peer);
        }
    }
}

fn command(peer: Peer, script: &str) -> Result<Command, Error> {
    let installed = install::installed(peer)?;
    let path = sources().join(peer.to_string()).join(script);
    Ok(match peer {
        Peer::Node | Peer::Hyperbahn => {
            let mut command = Command::new("node");
            command.env("NODE_PATH", installed.join("node_modules")).arg(path.with_extension("js"));
            command
        }
        Peer::Python => {
            let mut command = Command::new(installed.join("venv/bin/python"));
            command.arg(path.with_extension("py"));
            command
        }
    })
}

fn lines_of(stdout: ChildStdout) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

fn read_all(mut stderr: ChildStderr) -> String {
    let mut bytes = Vec::new();
    let _what_came_before_a_fault_is_kept = stderr.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
