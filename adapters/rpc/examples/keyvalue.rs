//! The service of the guide: a server, a client, and what goes over the wire between them.
//!
//! ```text
//! cargo run --release --example keyvalue                          both, on a free port of 127.0.0.1
//! cargo run --release --example keyvalue -- --listen HOST:PORT    both, there
//! cargo run --release --example keyvalue -- --serve HOST:PORT     only the server, until it is stopped
//! cargo run --release --example keyvalue -- --peer HOST:PORT      only the client
//! ```
//!
//! `keyvalue/keyvalue.thrift` says what the service is; `keyvalue/keyvalue.rs` is what `tchannel-idl` writes of it. A
//! package of its own has its build script write that, see `tchannel_idl::generate::build`.
#![allow(clippy::print_stderr, reason = "an example talks to people")]

/// Written by `tchannel-idl`.
mod code {
    include!("keyvalue/keyvalue.rs");
}
#[path = "keyvalue/tap.rs"]
mod tap;

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tchannel_rpc::thrift::{Call, Context, Failure, Method};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, Channel, Host};

use code::keyvalue::NotFoundError;
use code::keyvalue::key_value::{
    self, Client, GetValueExceptions, GetValueRequest, Handler, SetValueRequest,
};
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

/// The service: a table that answers by itself.
fn server() -> Result<Channel, Box<dyn Error>> {
    let channel = tchannel_rpc::tokio::channel("keyvalue")?;
    key_value::register(&mut channel.service("keyvalue")?, &Arc::new(Table::default()));
    Ok(channel)
}

#[derive(Default)]
struct Table(Mutex<HashMap<String, String>>);

impl Table {
    fn values(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler<Context> for Table {
    async fn get_value(
        &self,
        _: Context,
        GetValueRequest { key }: GetValueRequest,
    ) -> Result<String, Failure<GetValueExceptions>> {
        let found = self.values().get(&key).cloned();
        Ok(found.ok_or(NotFoundError { key })?)
    }

    async fn set_value(
        &self,
        _: Context,
        SetValueRequest { key, value }: SetValueRequest,
    ) -> Result<(), Failure<Infallible>> {
        self.values().insert(key, value);
        Ok(())
    }
}

/// The client: three calls on one connection, each with the frames that it took.
async fn talk(server: Host) -> Result<(), Box<dyn Error>> {
    let tap = Tap::default();
    let channel = Builder::new(Tapped::new(Tokio::current()?, tap.clone()), "keyvalue-client").build()?;
    writeln!(io::stdout(), "client `keyvalue-client` calls {server}; > is sent, < is received\n")?;
    let calls = channel.thrift("keyvalue").host(server).timeout(Duration::from_secs(5));
    let keyvalue = Client::new(calls);
    show("setValue(\"greeting\", \"hello, world\")", keyvalue.set_value("greeting", "hello, world"), &tap)
        .await?;
    show("getValue(\"greeting\")", keyvalue.get_value("greeting"), &tap).await?;
    show("getValue(\"farewell\")", keyvalue.get_value("farewell"), &tap).await?;
    channel.drain(Duration::from_secs(1)).await;
    writeln!(io::stdout(), "the client closes")?;
    tap.print()?;
    Ok(())
}

/// Makes a call, and prints what it said. An exception that the method declares is an answer.
async fn show<M>(what: &str, call: Call<M>, tap: &Tap) -> Result<(), Box<dyn Error>>
where
    M: Method<Success: fmt::Debug, Exceptions: fmt::Debug>,
{
    let began = Instant::now();
    let answer = call.send().await?;
    let took = began.elapsed();
    writeln!(io::stdout(), "{what}")?;
    tap.print()?;
    let outcome = match &answer.result {
        Ok(value) => format!("ok: {value:?}"),
        Err(exception) => format!("exception: {exception:?}"),
    };
    writeln!(io::stdout(), "  {outcome}\n  took {took:.0?}\n")?;
    Ok(())
}
