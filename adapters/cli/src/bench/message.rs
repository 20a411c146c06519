//! What is sent, as bytes.

use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;
use clap::{Args, ValueEnum};

use crate::exit::Failure;

#[derive(Args)]
#[command(next_help_heading = "Message")]
pub(super) struct Message {
    /// The body, sent as it is: text, `@FILE`, or `-` for stdin.
    body: Option<String>,
    /// A body of so many bytes, instead.
    #[arg(long, value_name = "BYTES", conflicts_with = "body")]
    size: Option<usize>,
    /// Application headers, sent as they are: text, or `@FILE`. Default: none, in the words of the scheme.
    #[arg(short = '2', long = "arg2", value_name = "HEADERS")]
    headers: Option<String>,
    /// How the service reads both.
    #[arg(long = "as", value_name = "SCHEME", default_value = "raw")]
    scheme: Scheme,
}

#[derive(Clone, Copy, ValueEnum)]
enum Scheme {
    Raw,
    Json,
    Thrift,
}

/// What every call carries.
pub(super) struct Sent {
    pub(super) scheme: &'static str,
    pub(super) arg2: Bytes,
    pub(super) arg3: Bytes,
}

impl Message {
    pub(super) fn read(&self) -> Result<Sent, Failure> {
        let (scheme, none) = match self.scheme {
            Scheme::Raw => ("raw", Bytes::new()),
            Scheme::Json => ("json", Bytes::from_static(b"{}")),
            Scheme::Thrift => ("thrift", Bytes::from_static(b"\0\0")),
        };
        let arg2 = self.headers.as_deref().map(bytes).transpose()?;
        let arg3 = match (&self.body, self.size) {
            (Some(body), _) => bytes(body)?,
            (None, size) => vec![FILLING; size.unwrap_or_default()].into(),
        };
        Ok(Sent { scheme, arg2: arg2.unwrap_or(none), arg3 })
    }
}

fn bytes(word: &str) -> Result<Bytes, Failure> {
    let (read, place) = if word == "-" {
        let mut all = Vec::new();
        (io::stdin().lock().read_to_end(&mut all).map(|_| all), Path::new("stdin"))
    } else if let Some(file) = word.strip_prefix('@') {
        (std::fs::read(file), Path::new(file))
    } else {
        return Ok(Bytes::copy_from_slice(word.as_bytes()));
    };
    let read = read.map_err(|error| Failure::local(format!("cannot read {}: {error}", place.display())))?;
    Ok(read.into())
}

/// Of bodies of which only the size matters: a letter, so that it is text as well.
const FILLING: u8 = b'x';
