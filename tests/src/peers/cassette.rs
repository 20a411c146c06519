use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::process::Process;
use super::{Error, Peer};

/// How long a call may take, with the start of the interpreter, on a busy machine.
const CALL: Duration = Duration::from_secs(60);

/// Makes calls to service `echo` at `server` within tchannel-python's `use_cassette`, one after the other, and returns
/// what each of them gave. The forms of calls and outcomes are those of `tests/peers/python/cassette.py`.
pub fn run_cassette(mode: &str, file: &Path, server: SocketAddr, calls: &Value) -> Result<Vec<Value>, Error> {
    let (file, server, calls) = (file.to_string_lossy(), server.to_string(), calls.to_string());
    let mut process = Process::start(Peer::Python, "cassette", &[mode, &file, &server, &calls])?;
    let mut outcomes = Vec::new();
    while let Some(line) = process.line(CALL)? {
        match serde_json::from_str(&line) {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) => return Err(process.fail(format!("printed `{line}` ({error})"))),
        }
    }
    let status = process.wait()?;
    if !status.success() {
        return Err(process.fail(format!("ended with {status}")));
    }
    Ok(outcomes)
}
