//! Where a body comes from, or other bytes that are sent: the command line, stdin or a file.

use std::fs::File;
use std::io::{self, Read};

use tchannel_rpc::Bytes;

use crate::exit::Failure;

/// What is given; or what `-`, stdin, or `@FILE` holds. `what` it is, is told if it cannot be read.
pub(crate) fn read(given: &str, what: &str) -> Result<Bytes, Failure> {
    match given.strip_prefix('@') {
        None if given == "-" => all(io::stdin().lock(), "stdin", what),
        None => Ok(given.to_owned().into()),
        Some(path) => {
            let file = File::open(path).map_err(|error| unreadable(path, what, &error))?;
            all(file, path, what)
        }
    }
}

fn all(from: impl Read, name: &str, what: &str) -> Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    from.take(MAX_BODY + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, what, &error))?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len <= MAX_BODY) {
        return Ok(bytes.into());
    }
    Err(Failure::local(format!("{name} has more than the {MAX_BODY} bytes that a message may have")))
}

fn unreadable(name: &str, what: &str, error: &io::Error) -> Failure {
    Failure::local(format!("cannot read the {what} from {name}: {error}"))
}

/// No more is ever sent: `max_message` of a channel.
pub(crate) const MAX_BODY: u64 = 64 << 20;
