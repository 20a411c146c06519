//! Greets several people at once, over one connection to the example `server`.
//!
//! ```text
//! cargo run --example client --features async-std,smol,blocking -- RUNTIME HOST:PORT NAME...
//! ```

#[path = "any/runtime.rs"]
mod runtime;

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use tchannel_rpc::Call;

use runtime::On;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let on = On::named(&arguments.next().ok_or("which runtime?")?)?;
    let at = arguments.next().ok_or("where is the server?")?;
    let client = on.channel("visitor")?;
    let greet = client.call("greeter", "greet").host(at).timeout(Duration::from_secs(2));
    // Each is under way from here on; dropped, it would be cancelled.
    let calls: Vec<Call> = arguments.map(|name| greet.clone().arg3(name).send()).collect();
    for call in calls {
        let answer = on.block_on(call)?;
        let text = String::from_utf8_lossy(&answer.body()).into_owned();
        // An error of the application is an answer, too.
        writeln!(io::stdout(), "{}: {text}", if answer.ok() { "ok" } else { "not ok" })?;
    }
    on.block_on(client.close());
    Ok(())
}
