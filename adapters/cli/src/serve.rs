//! `tchannel serve`: an echo service to try things at.

mod shown;

use std::net::Ipv6Addr;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tchannel_rpc::testing;
use tchannel_rpc::tokio::{Tokio, tls};
use tchannel_rpc::{Builder, Channel};

use crate::exit::{Exit, Failure};
use crate::{print, stop};

use self::shown::{Shown, trusting_nobody};

/// Serves an echo service, and Meta, until SIGTERM or Ctrl-C. Then it takes no new calls and ends the begun ones.
///
/// Prints `{"listening":"HOST:PORT"}` once it does.
#[derive(Args)]
pub(crate) struct Options {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port to listen at; 0 lets the system choose one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Name of the service.
    #[arg(short, long, default_value = "echo")]
    service: String,
    /// Milliseconds that begun calls have to end once it is told to stop.
    #[arg(long, value_name = "MS", default_value_t = 5_000)]
    drain: u64,
    #[command(flatten)]
    shown: Shown,
}

pub(crate) async fn serve(options: Options) -> Result<Exit, Failure> {
    let told = stop::told()?;
    let channel = channel(&options)?;
    let at = channel.listen(options.place()).await.map_err(|error| Failure::local(error.to_string()))?;
    print::value(&json!({ "listening": at.to_string() }));
    told.await;
    channel.drain(Duration::from_millis(options.drain)).await;
    Ok(Exit::Ok)
}

impl Options {
    /// Where to listen; an IPv6 address may be given with its brackets or without.
    fn place(&self) -> String {
        let Options { host, port, .. } = self;
        if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

fn channel(options: &Options) -> Result<Channel, Failure> {
    let failed = |error: &dyn std::error::Error| Failure::local(error.to_string());
    let runtime = Tokio::current().map_err(|error| failed(&error))?;
    let channel = match options.shown.read()? {
        None => tchannel_rpc::tokio::channel(&options.service),
        Some(server) => {
            tls::builder(&options.service, trusting_nobody()?, Some(server)).and_then(Builder::build)
        }
    };
    let channel = channel.map_err(|error| failed(&error))?;
    testing::echo(&channel, &options.service, runtime);
    let service = channel.service(&options.service).map_err(|error| failed(&error))?;
    service.thrift_idl(IDL, [(IDL, include_str!("serve/echo.thrift"))]);
    Ok(channel)
}

/// Its Thrift methods, for those who ask.
const IDL: &str = "echo.thrift";
