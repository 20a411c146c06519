//! `tchannel-peer` as other programs see it: started, asked, stopped.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;
use tchannel_tests::interop::{Language, Runtime, Scenario, table};
use tchannel_tests::peers::ScenarioOutcome;

use super::check::assert_failures;

/// Longest time between two lines, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A running program. Dropping it kills it; a test that fails meanwhile shows what it wrote to stderr.
struct Program {
    child: Child,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tchannel-peer"));
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("cargo has built it");
        let stdout = BufReader::new(child.stdout.take().expect("stdout was asked for"));
        let mut stderr = child.stderr.take().expect("stderr was asked for");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let stderr = thread::spawn(move || {
            let mut bytes = Vec::new();
            let _what_came_before_a_fault_is_kept = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Program { child, lines, stderr: Some(stderr) }
    }

    fn line(&self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("printed nothing for {LIMIT:?}"),
        }
    }

    /// Reads on until it ends.
    fn end(mut self) -> Ended {
        let lines = std::iter::from_fn(|| self.line()).collect();
        let status = self.child.wait().expect("it is a child of this process");
        let stderr = self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        Ended { lines, status, stderr }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_reaped = self.child.wait();
        let stderr = self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        if thread::panicking() && !stderr.is_empty() {
            eprintln!("tchannel-peer wrote to stderr:\n{stderr}");
        }
    }
}

struct Ended {
    lines: Vec<String>,
    status: ExitStatus,
    stderr: String,
}

/// A server of ours on a port of its own.
pub(crate) struct OurServer {
    program: Program,
    address: SocketAddr,
}

impl OurServer {
    pub(crate) fn start() -> Self {
        Self::start_on(Runtime::Tokio)
    }

    pub(crate) fn start_on(runtime: Runtime) -> Self {
        let on = ["--runtime", runtime.name(), "--until-eof"];
        let program = Program::start(&[&["server", "--listen", "127.0.0.1:0"], &on[..]].concat());
        let line = program.line().expect("it says where it listens");
        let address = serde_json::from_str::<Value>(&line).ok().and_then(|line| {
            let address = line.get("listening")?.as_str()?;
            address.parse().ok()
        });
        OurServer { program, address: address.unwrap_or_else(|| panic!("`{line}` is no address")) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// All outcomes of our client at this server.
pub(crate) fn run_our_client(server: SocketAddr, args: &[&str]) -> Vec<ScenarioOutcome> {
    let ended = Program::start(&[&["client", &server.to_string()], args].concat()).end();
    let outcomes: Vec<_> = ended.lines.iter().map(|line| outcome(line)).collect();
    let failed = outcomes.iter().any(|outcome| !outcome.ok);
    assert_eq!(ended.status.code(), Some(i32::from(failed)), "{}", ended.stderr);
    outcomes
}

#[track_caller]
fn outcome(line: &str) -> ScenarioOutcome {
    let read = || {
        let line: Value = serde_json::from_str(line).ok()?;
        let name = line.get("name")?.as_str()?.to_owned();
        Some(ScenarioOutcome { name, ok: line.get("ok")?.as_bool()?, detail: line.get("detail")?.clone() })
    };
    read().unwrap_or_else(|| panic!("`{line}` is no outcome"))
}

#[test]
fn our_client_is_content_with_our_server() {
    let server = OurServer::start();
    let outcomes = run_our_client(server.address(), &[]);
    assert_failures(&outcomes, &[]);
    let names: Vec<_> = outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
    let all = table::all(Language::Rust);
    assert_eq!(names, all.iter().map(Scenario::name).collect::<Vec<_>>());
}

#[test]
fn scenarios_are_listed_and_selected() {
    let listed = Program::start(&["client", "--list"]).end();
    assert!(listed.status.success() && listed.lines.contains(&"raw-echo-crc32c".to_owned()));

    let server = OurServer::start();
    let outcomes = run_our_client(server.address(), &["--only", "drop,sleep,init", "--skip", "sleep"]);
    assert_failures(&outcomes, &[]);
    let names: Vec<_> = outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
    assert_eq!(names, ["drop", "init"]);
}

#[test]
fn unknown_scenarios_are_told_before_anything_is_tried() {
    let ended = Program::start(&["client", "127.0.0.1:1", "--only", "init,no-such-thing"]).end();
    assert_eq!((ended.status.code(), ended.lines), (Some(2), vec![]));
    assert!(ended.stderr.contains("no such scenario: no-such-thing"), "{}", ended.stderr);
}

#[test]
fn client_without_a_server_says_so() {
    let ended = Program::start(&["client", "127.0.0.1:1"]).end();
    assert_eq!((ended.status.code(), ended.lines), (Some(1), vec![]));
    assert!(ended.stderr.contains("is a server running there?"), "{}", ended.stderr);
}

#[test]
fn client_of_a_silent_server_gives_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let target = silent.local_addr().expect("it is bound").to_string();
    let ended = Program::start(&["client", &target, "--limit", "100"]).end();
    assert_eq!((ended.status.code(), ended.lines), (Some(1), vec![]));
    assert!(ended.stderr.contains("did not answer the handshake"), "{}", ended.stderr);
}

#[test]
fn scenario_over_its_limit_has_failed() {
    let server = OurServer::start();
    let slow = "timeout-then-late-response";
    let outcomes = run_our_client(server.address(), &["--only", slow, "--limit", "500"]);
    assert_failures(&outcomes, &[slow]);
}

#[test]
fn server_that_cannot_listen_says_why() {
    let occupied = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let at = occupied.local_addr().expect("it is bound").to_string();
    let ended = Program::start(&["server", "--listen", &at]).end();
    assert_eq!((ended.status.code(), ended.lines), (Some(1), vec![]));
    assert!(ended.stderr.contains(&at) && ended.stderr.contains("in use"), "{}", ended.stderr);
}

#[test]
fn server_stops_when_its_stdin_ends() {
    let OurServer { mut program, address } = OurServer::start();
    TcpStream::connect(address).expect("it listens");
    drop(program.child.stdin.take());
    let ended = program.end();
    assert!(ended.status.success(), "{}", ended.stderr);
    TcpStream::connect(address).expect_err("nobody listens any more");
}

#[cfg(unix)]
#[test]
fn server_stops_on_sigterm() {
    let OurServer { program, address } = OurServer::start();
    let pid = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there").success());
    let ended = program.end();
    assert!(ended.status.success(), "{}", ended.stderr);
    TcpStream::connect(address).expect_err("nobody listens any more");
}
