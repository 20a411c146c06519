//! What is sent, as bytes.

use bytes::Bytes;
use clap::{Args, ValueEnum};

use crate::body::{self, MAX_BODY};
use crate::exit::Failure;

#[derive(Args)]
#[command(next_help_heading = "Message")]
pub(super) struct Message {
    /// The body, sent as it is: text, `@FILE`, or `-` for stdin.
    body: Option<String>,
    /// A body of so many bytes, instead.
    #[arg(long, value_name = "BYTES", conflicts_with = "body", value_parser = size)]
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
        let arg2 = self.headers.as_deref().map(|headers| body::read(headers, "headers")).transpose()?;
        let arg3 = match (&self.body, self.size) {
            (Some(body), _) => body::read(body, "body")?,
            (None, size) => vec![FILLING; size.unwrap_or_default()].into(),
        };
        Ok(Sent { scheme, arg2: arg2.unwrap_or(none), arg3 })
    }
}

fn size(text: &str) -> Result<usize, String> {
    let size = text.parse().ok().filter(|size: &u64| *size <= MAX_BODY);
    let size = size.and_then(|size| usize::try_from(size).ok());
    size.ok_or_else(|| format!("it takes a number of bytes, at most {MAX_BODY}: a message has no more"))
}

/// Of bodies of which only the size matters: a letter, so that it is text as well.
const FILLING: u8 = b'x';
