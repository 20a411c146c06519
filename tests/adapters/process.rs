//! A server in a process of its own, which a test may kill.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tchannel_tests::interop::Runtime;

/// `tchannel-peer server`. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    pub(crate) at: SocketAddr,
}

impl Process {
    pub(crate) fn server(runtime: Runtime) -> Self {
        let mut command = Command::new(PEER);
        command.args(["server", "--until-eof", "--runtime", runtime.name()]);
        Self::listens(&mut command)
    }

    /// The same with so many file descriptors at most.
    pub(crate) fn server_with_descriptors(runtime: Runtime, most: u32) -> Self {
        let script = format!("ulimit -n {most} && exec \"$0\" server --until-eof --runtime {runtime}");
        Self::listens(Command::new("sh").args(["-c", &script, PEER]))
    }

    fn listens(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let at = told["listening"].as_str().unwrap().parse().unwrap();
        Process { child, at }
    }

    /// File descriptors that it has open.
    #[cfg(target_os = "linux")]
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_reaped = self.child.wait();
    }
}

const PEER: &str = env!("CARGO_BIN_EXE_tchannel-peer");
