//! The examples as somebody runs them who has just read them: each against another.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;

const RUNTIMES: [&str; 4] = ["tokio", "async-std", "smol", "blocking"];

/// Where the examples are, built like everything else of this workspace.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&root).args(["build", "--workspace", "--examples", "--message-format", "json"]);
        let output = cargo.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "the examples are not built");
        let lines = String::from_utf8(output.stdout).unwrap();
        let messages = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let example = messages.filter(|message| message["target"]["name"] == "bare_core");
        let path =
            example.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?))).next_back();
        path.expect("cargo says where it puts an example").parent().unwrap().into()
    })
}

fn example(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(built().join(name));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Runs one to its end.
fn run(name: &str, args: &[&str], stdin: &str) -> Output {
    let mut child = example(name, args).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What one says that runs well.
fn says(name: &str, args: &[&str], stdin: &str) -> String {
    let output = run(name, args, stdin);
    let (said, complained) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{name} {args:?}: {complained}");
    said
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A server that runs. Dropping it ends it.
struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start(name: &str, args: &[&str]) -> Self {
        let mut child = example(name, args).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Server { child, stdin, stdout }
    }

    fn listens_at(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim().strip_prefix("listens at ").unwrap().to_owned()
    }

    /// What it says after its stdin has ended.
    fn ends(mut self) -> String {
        drop(self.stdin.take());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_reaped = self.child.wait();
    }
}

#[test]
fn every_client_is_greeted_by_every_server() {
    for server in RUNTIMES {
        let mut running = Server::start("server", &[server, "127.0.0.1:0", "localhost:0"]);
        let places = [running.listens_at(), running.listens_at()];
        for client in RUNTIMES {
            let said = places.each_ref().map(|at| says("client", &[client, at, "Moe", "", "Larry"], ""));
            let expected = "ok: hello, Moe\nnot ok: whom?\nok: hello, Larry\n";
            assert_eq!(said, [expected, expected], "{client} calls {server}");
        }
        assert_eq!(running.ends(), "over, 0 connections cut\n", "{server}");
    }
}

#[test]
fn what_is_streamed_comes_back_in_capitals() {
    for server in RUNTIMES {
        let mut running = Server::start("server", &[server, "127.0.0.1:0"]);
        let at = running.listens_at();
        for client in RUNTIMES {
            let said = says("streaming", &[client, &at], "a line\nanother\n");
            assert_eq!(said, "A LINE\nANOTHER\n", "{client} streams to {server}");
        }
    }
}

#[test]
fn an_answer_comes_while_the_request_goes_on() {
    let mut server = Server::start("server", &["tokio", "127.0.0.1:0"]);
    let at = server.listens_at();
    for client in RUNTIMES {
        let mut child = example("streaming", &[client, &at]).spawn().unwrap();
        let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut lines = BufReader::new(stdout).lines();
        for line in ["one", "two", "three"] {
            writeln!(stdin, "{line}").unwrap();
            assert_eq!(lines.next().unwrap().unwrap(), line.to_uppercase(), "{client}");
        }
        drop(stdin);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn the_core_alone_talks_to_adapters_and_to_an_event_loop() {
    let (mut server, mut poll) =
        (Server::start("server", &["smol", "127.0.0.1:0"]), Server::start("poll", &["127.0.0.1:0"]));
    let (server, poll) = (server.listens_at(), poll.listens_at());
    for at in [&server, &poll] {
        assert_eq!(says("bare_core", &[at, "Curly"], ""), "hello, Curly\n");
    }
    let said = says("client", &["tokio", &poll, "Moe", "Larry"], "");
    assert_eq!(said, "ok: hello, Moe\nok: hello, Larry\n");
}

#[test]
fn the_bare_loop_is_short() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/rpc/examples/bare_core.rs");
    assert!(std::fs::read_to_string(source).unwrap().lines().count() < 80);
}

#[test]
fn a_handler_behind_tls_knows_who_calls() {
    assert_eq!(says("tls", &[], ""), "welcome, bearer of 1 certificate\n");
}

#[test]
fn an_example_without_its_arguments_says_what_it_lacks() {
    for (name, args, lacks) in [
        ("client", &[][..], "which runtime?"),
        ("server", &["glommio"], "no runtime \\\"glommio\\\""),
        ("streaming", &["tokio"], "where is the server?"),
        ("bare_core", &["127.0.0.1:1"], "whom to greet?"),
        ("poll", &[], "listen where?"),
    ] {
        let output = run(name, args, "");
        let complained = text(output.stderr);
        assert!(!output.status.success() && complained.contains(lacks), "{name}: {complained}");
    }
}
