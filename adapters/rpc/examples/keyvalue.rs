//! A key-value service: a server, a client, and what goes over the wire between them.
//!
//! ```text
//! cargo run --release --example keyvalue                          both, on a free port of 127.0.0.1
//! cargo run --release --example keyvalue -- --listen HOST:PORT    both, there
//! cargo run --release --example keyvalue -- --serve HOST:PORT     only the server, until it is stopped
//! cargo run --release --example keyvalue -- --peer HOST:PORT      only the client
//! ```
//!
//! The arguments are JSON (`as=json`): set `{"key", "value"}`, get `{"key"}`. A missing key is an application error.
#![allow(clippy::print_stderr, reason = "an example talks to people")]

#[path = "keyvalue/tap.rs"]
mod tap;

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, Channel, Host, Reject, Reply, Request};

use tap::{Tap, Tapped};

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run()));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keyvalue: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => both("127.0.0.1:0").await,
        ["--listen", at] => both(at).await,
        ["--serve", at] => {
            let server = server()?;
            writeln!(io::stdout(), "keyvalue listens on {}", server.listen(at).await?)?;
            std::future::pending().await
        }
        ["--peer", at] => talk(at.into()).await,
        _ => Err("it takes nothing, --listen HOST:PORT, --serve HOST:PORT or --peer HOST:PORT".into()),
    }
}

async fn both(at: &str) -> Result<(), Box<dyn Error>> {
    let server = server()?;
    let at = server.listen(at).await?;
    writeln!(io::stdout(), "server `keyvalue` listens on {at}")?;
    talk(at.into()).await?;
    server.drain(Duration::from_secs(1)).await;
    Ok(())
}

/// The service: a table, and two endpoints.
fn server() -> Result<Channel, Box<dyn Error>> {
    let channel = tchannel_rpc::tokio::channel("keyvalue")?;
    let table = Arc::new(Mutex::new(HashMap::new()));
    let written = table.clone();
    channel
        .service("keyvalue")?
        .register_as("json", "set", move |request: Request| {
            let table = written.clone();
            async move { set(&table, &request) }
        })
        .register_as("json", "get", move |request: Request| {
            let table = table.clone();
            async move { get(&table, &request) }
        });
    Ok(channel)
}

/// What the service keeps.
type Table = Mutex<HashMap<String, Value>>;

fn set(table: &Table, request: &Request) -> Result<Reply, Reject> {
    let mut body: Value = serde_json::from_slice(&request.body())?;
    let (key, value) = (text(&body["key"]), body["value"].take());
    table.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    Ok(Reply::ok("{}", "null"))
}

fn get(table: &Table, request: &Request) -> Result<Reply, Reject> {
    let body: Value = serde_json::from_slice(&request.body())?;
    let key = text(&body["key"]);
    let found = table.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    Ok(found.map_or_else(
        || {
            let error =
                json!({"type": "keyvalue.no-such-key", "message": format!("there is no key `{key}`")});
            Reply::not_ok("{}", error.to_string())
        },
        |value| Reply::ok("{}", value.to_string()),
    ))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The client: three calls on one connection, each with the frames that it took.
async fn talk(server: Host) -> Result<(), Box<dyn Error>> {
    let tap = Tap::default();
    let client = Builder::new(Tapped::new(Tokio::current()?, tap.clone()), "keyvalue-client").build()?;
    writeln!(io::stdout(), "client `keyvalue-client` calls {server}; > is sent, < is received\n")?;
    let calls = [
        ("set", json!({"key": "greeting", "value": "hello, world"})),
        ("get", json!({"key": "greeting"})),
        ("get", json!({"key": "farewell"})),
    ];
    for (endpoint, body) in calls {
        let call = client.call("keyvalue", endpoint).host(server.clone()).scheme("json");
        let call = call.timeout(Duration::from_secs(5)).arg2("{}").arg3(body.to_string());
        let began = Instant::now();
        let response = call.send().await?;
        let took = began.elapsed();
        writeln!(io::stdout(), "{endpoint} {body}")?;
        tap.print()?;
        let outcome = if response.ok() { "ok" } else { "application error" };
        writeln!(io::stdout(), "  {outcome}: {}", String::from_utf8_lossy(&response.body()))?;
        writeln!(io::stdout(), "  took {took:.0?}\n")?;
    }
    client.drain(Duration::from_secs(1)).await;
    writeln!(io::stdout(), "the client closes")?;
    tap.print()?;
    Ok(())
}
