//! Where a body comes from: the command line, stdin or a file.

use std::fs::File;
use std::io::{self, Read};

use tchannel_rpc::Bytes;

use crate::exit::Failure;

/// The body itself; or what `-`, stdin, or `@FILE` holds.
pub(super) fn read(given: &str) -> Result<Bytes, Failure> {
    match given.strip_prefix('@') {
        None if given == "-" => all(io::stdin().lock(), "stdin"),
        None => Ok(given.to_owned().into()),
        Some(path) => {
            let file = File::open(path).map_err(|error| unreadable(path, &error))?;
            all(file, path)
        }
    }
}

fn all(from: impl Read, name: &str) -> Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    from.take(MAX_BODY + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= MAX_BODY) {
        return Ok(bytes.into());
    }
    Err(Failure::local(format!("{name} has more than the {MAX_BODY} bytes that a message may have")))
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::local(format!("cannot read the body from {name}: {error}"))
}

/// No more is ever sent: `max_message` of a channel.
const MAX_BODY: u64 = 64 << 20;
