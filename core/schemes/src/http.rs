//! Scheme `http`: arg2 is the request or response line and the headers, arg3 the body. Arg1 is not dispatched on.
//!
//! ```
//! use tchannel_schemes::http::{LengthOrder, Request};
//!
//! let request = Request { method: "GET".into(), url: "/a".into(), ..Request::default() };
//! let arg2 = request.encode(LengthOrder::of("node"))?;
//! assert_eq!(arg2, &b"\x03GET\x02/a\0\0"[..]);
//! assert_eq!(Request::decode(&arg2)?, request);
//! # Ok::<(), tchannel_schemes::http::Error>(())
//! ```

mod error;
mod headers;
mod layout;
mod varint;

pub use error::{Error, Part};
pub use headers::Headers;
pub use varint::LengthOrder;

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use layout::{Cursor, put_short, text};

/// A request line and headers: `method~1 url~N nh:2 (name~2 value~2){nh}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, up to 255 bytes.
    pub method: String,
    /// The URL, as the client gave it.
    pub url: String,
    /// The headers.
    pub headers: Headers,
}

/// A response line and headers: `status:2 message~N nh:2 (name~2 value~2){nh}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The status, 100 to 999.
    pub status: u16,
    /// The reason in words.
    pub message: String,
    /// The headers.
    pub headers: Headers,
}

impl Request {
    /// Decodes arg2. Values of headers share its memory.
    pub fn decode(arg2: &Bytes) -> Result<Self, Error> {
        let (method, url, headers) = either_order(|order| {
            let mut from = Cursor::new(arg2);
            let method = from.short(Part::Method)?;
            let url = from.varied(Part::Url, order)?;
            Ok((method, url, from.headers()?))
        })?;
        let headers = Headers::read(arg2, headers)?;
        Ok(Self { method: text(Part::Method, method)?, url: text(Part::Url, url)?, headers })
    }

    /// Encodes arg2, with the length of the URL in the order that the peer reads.
    pub fn encode(&self, order: LengthOrder) -> Result<Bytes, Error> {
        let mut out = Vec::with_capacity(64 + self.url.len());
        put_short(&mut out, Part::Method, &self.method)?;
        order.put(&mut out, Part::Url, self.url.as_bytes())?;
        self.headers.put(&mut out)?;
        Ok(out.into())
    }
}

impl Response {
    /// Decodes arg2. Values of headers share its memory.
    pub fn decode(arg2: &Bytes) -> Result<Self, Error> {
        let (status, message, headers) = either_order(|order| {
            let mut from = Cursor::new(arg2);
            let status = from.u16(Part::Status)?;
            let message = from.varied(Part::Message, order)?;
            Ok((status, message, from.headers()?))
        })?;
        let status = checked(status)?;
        Ok(Self { status, message: text(Part::Message, message)?, headers: Headers::read(arg2, headers)? })
    }

    /// Encodes arg2, with the length of the message in the order that the peer reads.
    pub fn encode(&self, order: LengthOrder) -> Result<Bytes, Error> {
        let mut out = Vec::with_capacity(64 + self.message.len());
        out.extend_from_slice(&checked(self.status)?.to_be_bytes());
        order.put(&mut out, Part::Message, self.message.as_bytes())?;
        self.headers.put(&mut out)?;
        Ok(out.into())
    }
}

/// The reading that takes the whole of arg2: the two implementations order the groups of long lengths differently, and
/// nothing in arg2 tells which one wrote it. Where both do, the first one counts.
fn either_order<T>(read: impl Fn(LengthOrder) -> Result<T, Error>) -> Result<T, Error> {
    read(LengthOrder::MostSignificantFirst)
        .or_else(|error| read(LengthOrder::LeastSignificantFirst).map_err(|_| error))
}

fn checked(status: u16) -> Result<u16, Error> {
    if (100..=999).contains(&status) { Ok(status) } else { Err(Error::Status(status)) }
}

#[cfg(test)]
mod tests;
