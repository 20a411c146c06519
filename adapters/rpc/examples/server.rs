//! A server that greets and shouts, until its stdin ends. Then it drains: nobody loses an answer.
//!
//! ```text
//! cargo run --example server --features async-std,smol,blocking -- RUNTIME HOST:PORT...
//! ```
//!
//! RUNTIME is tokio, async-std, smol or blocking. It listens at all of the addresses; port 0 is any that is free.

#[path = "any/runtime.rs"]
mod runtime;

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use tchannel_rpc::{Channel, Reject, Reply, Request, Responder, StreamedRequest};

use runtime::On;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let on = On::named(&arguments.next().ok_or("which runtime?")?)?;
    let server = on.channel("greeter")?;
    serves(&server)?;
    for address in on.block_on(server.listen_all(arguments))? {
        writeln!(io::stdout(), "listens at {address}")?;
    }
    io::copy(&mut io::stdin(), &mut io::sink())?;
    let drained = on.block_on(server.drain(Duration::from_secs(10)));
    writeln!(io::stdout(), "over, {} connections cut", drained.cut)?;
    Ok(())
}

fn serves(server: &Channel) -> Result<(), Box<dyn Error>> {
    server.service("greeter")?.register("greet", greet).register_streamed("shout", shout);
    Ok(())
}

async fn greet(request: Request) -> Result<Reply, Reject> {
    if request.body().is_empty() {
        return Ok(Reply::not_ok("", "whom?"));
    }
    Ok(Reply::ok("", [b"hello, ", &request.body()[..]].concat()))
}

/// Answers each piece as it comes, in capitals.
async fn shout(mut request: StreamedRequest, responder: Responder) -> Result<(), Reject> {
    let mut answer = responder.ok()?;
    answer.arg2("").await?;
    while let Some(piece) = request.body().chunk().await? {
        answer.write(piece.to_ascii_uppercase()).await?;
    }
    Ok(answer.finish()?)
}
