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
    Process::start(Peer::Python, "cassette", &[mode, &file, &server, &calls])?.outcomes(CALL)
}
