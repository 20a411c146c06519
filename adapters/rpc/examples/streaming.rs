//! Sends its stdin to the example `server` line by line, and prints what comes back meanwhile.
//!
//! ```text
//! cargo run --example streaming --features async-std,smol,blocking -- RUNTIME HOST:PORT
//! ```

#[path = "any/runtime.rs"]
mod runtime;

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::thread;

use tchannel_rpc::{BodyReader, BodyWriter, Wait};

use runtime::On;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let on = On::named(&arguments.next().ok_or("which runtime?")?)?;
    let at = arguments.next().ok_or("where is the server?")?;
    let client = on.channel("visitor")?;
    let (request, call) = client.call("greeter", "shout").host(at).open();
    // Stdin has no futures, so that half has a thread: both directions run at once.
    let sending = thread::spawn(move || send(request).map_err(|error| error.to_string()));
    on.block_on(async { receive(call.await?.into_body()).await })?;
    sending.join().map_err(|_| "the sending thread panicked")??;
    on.block_on(client.close());
    Ok(())
}

/// Waits while the server does not keep up.
fn send(mut request: BodyWriter) -> Result<(), Box<dyn Error>> {
    request.arg2("").wait()?;
    for line in io::stdin().lock().lines() {
        request.write(line? + "\n").wait()?;
    }
    Ok(request.finish()?)
}

async fn receive(mut answer: BodyReader) -> Result<(), Box<dyn Error>> {
    while let Some(piece) = answer.chunk().await? {
        io::stdout().write_all(&piece)?;
    }
    Ok(())
}
