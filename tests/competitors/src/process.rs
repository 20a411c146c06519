//! Both sides of a subject as processes, each on a core of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::Failure;

/// How a subject's server and client are started, without what differs from run to run.
pub(crate) struct Programs {
    pub(crate) server: Vec<String>,
    pub(crate) client: Vec<String>,
}

/// A server that runs until this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) at: String,
}

fn pinned(core: usize, words: &[String]) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).args(words);
    command
}

fn needs(error: std::io::Error) -> Failure {
    format!("processes are pinned by `taskset` (Debian: util-linux), which did not start: {error}").into()
}

impl Server {
    pub(crate) fn start(programs: &Programs) -> Result<Self, Failure> {
        let mut command = pinned(0, &programs.server);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(needs)?;
        let stdout = child.stdout.take().ok_or("stdout was asked for")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line)?;
        let at = said["listening"].as_str().ok_or("the server did not say where it listens")?.to_owned();
        Ok(Server { child, at })
    }

    /// Runs a client against it. Returns what the client says, with the processor time of both sides.
    pub(crate) fn load(
        &self,
        programs: &Programs,
        core: usize,
        numbers: [usize; 4],
    ) -> Result<Value, Failure> {
        let mut words = programs.client.clone();
        words.push(self.at.clone());
        words.extend(numbers.map(|number| number.to_string()));
        words.push(self.child.id().to_string());
        let output = pinned(core, &words).stderr(Stdio::inherit()).output().map_err(needs)?;
        if !output.status.success() {
            return Err(format!("{} failed", words.join(" ")).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Also when it has ended by itself.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
