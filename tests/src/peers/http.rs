use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::process::Process;
use super::{Error, Peer};

/// How long a request may take, with the start of the interpreter, on a busy machine.
const REQUEST: Duration = Duration::from_secs(60);

/// Sends HTTP requests to service `web` at `server` with tchannel-node, one after the other, and returns what each of
/// them gave. The forms of requests and outcomes are those of `tests/peers/node/http.js`.
pub fn run_http(server: SocketAddr, requests: &Value) -> Result<Vec<Value>, Error> {
    let (server, requests) = (server.to_string(), requests.to_string());
    Process::start(Peer::Node, "http", &[&server, &requests])?.outcomes(REQUEST)
}
