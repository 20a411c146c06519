//! `tchannel call`: one call, and what came of it.

use clap::Args;
use serde_json::{Value, json};
use tchannel_rpc::{CallError, Origin, Response};

use crate::exit::{Exit, Failure};
use crate::print;
use crate::reach::Reach;

/// Calls an endpoint, and prints the answer as one line of JSON.
#[derive(Args)]
pub(crate) struct Options {
    /// The service to call.
    service: String,
    /// The endpoint to call.
    endpoint: String,
    /// The body.
    #[arg(default_value = "")]
    body: String,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) async fn call(options: Options) -> Result<Exit, Failure> {
    let peers = options.reach.peers()?;
    let channel = options.reach.channel()?;
    let list = channel.subchannel(&options.service).peers(peers).build();
    let service = list.map_err(|error| Failure::local(error.to_string()))?;
    let answer = service.request(&options.endpoint).arg3(options.body).send().await;
    let exit = match answer {
        Ok(answer) => {
            print::value(&shown(&answer));
            if answer.ok() { Exit::Ok } else { Exit::NotOk }
        }
        Err(error) => {
            print::complain(&error.to_string());
            failed(&error)
        }
    };
    channel.close().await;
    Ok(exit)
}

fn shown(answer: &Response) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    json!({ "ok": answer.ok(), "head": text(answer.arg2()), "body": text(&answer.body()) })
}

fn failed(error: &CallError) -> Exit {
    match error.origin() {
        Origin::Remote => Exit::Frame(error.code()),
        Origin::Local => Exit::Local,
    }
}
