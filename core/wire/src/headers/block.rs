//! Owned header blocks: those received, and those written once and sent many times.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

use bytes::{Bytes, BytesMut};

use super::{
    Headers, MAX_HEADER_KEY, MAX_HEADER_VALUE, MAX_HEADERS, MAX_SERVICE,
    check::{KeyFilter, check_route, duplicate},
    text,
};
use crate::{Malformed, cursor::Cursor};

/// Encoded transport headers, `nh:1 (key~1 value~1){nh}`, known to be good. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderBlock(Bytes);

impl HeaderBlock {
    /// Encodes `pairs` in their order. Refuses what must not be sent.
    pub fn encode<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, HeaderError> {
        let mut out = Vec::new();
        put_headers(&mut out, pairs)?;
        Ok(Self(out.into()))
    }

    /// No headers at all.
    pub const fn empty() -> Self {
        Self(Bytes::from_static(&[0]))
    }

    /// Reads the headers.
    pub fn headers(&self) -> Headers<'_> {
        Headers::new(&self.0)
    }

    /// The encoded block.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// Gives the encoded block up.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The same headers at the end of `chunk`, so that keeping them does not keep the frame that they came in.
    #[must_use = "gives the copy back, changes nothing in place"]
    pub fn copy_into(&self, chunk: &mut BytesMut) -> Self {
        Self(copy(&self.0, chunk))
    }

    /// `block` has been checked.
    pub(crate) fn checked(block: Bytes) -> Self {
        Self(block)
    }
}

impl Default for HeaderBlock {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for HeaderBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.headers().fmt(f)
    }
}

pub(super) fn copy(bytes: &[u8], chunk: &mut BytesMut) -> Bytes {
    chunk.extend_from_slice(bytes);
    chunk.split().freeze()
}

/// Where a request goes, encoded: `service~1 nh:1 (key~1 value~1){nh}`, known to be good. Cheap to clone, so it can be
/// built once and used for many calls.
#[derive(Clone, PartialEq, Eq)]
pub struct Route(Bytes);

impl Route {
    /// Encodes a service name and `pairs` in their order. Refuses what must not be sent.
    pub fn encode<K: AsRef<str>, V: AsRef<str>>(
        service: &str,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, HeaderError> {
        if service.is_empty() {
            return Err(HeaderError::EmptyService);
        }
        let mut out = Vec::with_capacity(64);
        put_short(&mut out, service).map_err(|len| HeaderError::ServiceTooLong { len })?;
        put_headers(&mut out, pairs)?;
        Ok(Self(out.into()))
    }

    /// The route, borrowed.
    pub fn view(&self) -> RouteView<'_> {
        RouteView(&self.0)
    }

    /// The service's name; never empty.
    pub fn service(&self) -> &str {
        self.view().service()
    }

    /// Reads the headers.
    pub fn headers(&self) -> Headers<'_> {
        self.view().headers()
    }

    /// The encoded service name and headers.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// Gives the encoded service name and headers up.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// Whether every peer takes it: a received key may have 16 bytes, one too many for node.
    pub fn is_sendable(&self) -> bool {
        let mut rest = self.view().parts().1.get(1..).unwrap_or_default();
        while let Some((key, after)) = super::split_short(rest) {
            if key.len() > MAX_HEADER_KEY {
                return false;
            }
            rest = super::split_short(after).unwrap_or_default().1;
        }
        true
    }

    /// The same route at the end of `chunk`, so that keeping it does not keep the frame that it came in.
    #[must_use = "gives the copy back, changes nothing in place"]
    pub fn copy_into(&self, chunk: &mut BytesMut) -> Self {
        Self(copy(&self.0, chunk))
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

/// A [`Route`] where it lies in its frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RouteView<'a>(&'a [u8]);

impl<'a> RouteView<'a> {
    #[inline]
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        check_route(cursor).map(Self)
    }

    /// The service's name; never empty.
    pub fn service(self) -> &'a str {
        text(self.parts().0)
    }

    /// Reads the headers.
    pub fn headers(self) -> Headers<'a> {
        Headers::new(self.parts().1)
    }

    /// The encoded service name and headers.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The same route, sharing the memory of `body`.
    ///
    /// # Panics
    ///
    /// If it lies elsewhere.
    pub fn share(self, body: &Bytes) -> Route {
        Route(body.slice_ref(self.0))
    }

    /// The same route at the end of `chunk`, so that keeping it does not keep the frame that it came in.
    pub fn copy_into(self, chunk: &mut BytesMut) -> Route {
        Route(copy(self.0, chunk))
    }

    fn parts(self) -> (&'a [u8], &'a [u8]) {
        super::split_short(self.0).unwrap_or_default()
    }
}

impl fmt::Debug for RouteView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("service", &self.service()).field("headers", &self.headers()).finish()
    }
}

/// Headers or a service name that must not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// More headers than a frame may have.
    #[error("{count} headers or more, at most {MAX_HEADERS} are allowed")]
    TooMany {
        /// How many were counted before giving up.
        count: usize,
    },
    /// A key that is empty or too long.
    #[error("header key `{key}` has {len} bytes, must have 1 to {MAX_HEADER_KEY}")]
    KeyLength {
        /// The key.
        key: String,
        /// Its length in bytes.
        len: usize,
    },
    /// A value that is too long.
    #[error("value of header `{key}` has {len} bytes, at most {MAX_HEADER_VALUE} are allowed")]
    ValueLength {
        /// The value's key.
        key: String,
        /// The value's length in bytes.
        len: usize,
    },
    /// A key given twice.
    #[error("header `{key}` is given twice")]
    Duplicate {
        /// The key.
        key: String,
    },
    /// No service name.
    #[error("the service name is empty")]
    EmptyService,
    /// A service name that is too long.
    #[error("the service name has {len} bytes, at most {MAX_SERVICE} are allowed")]
    ServiceTooLong {
        /// Its length in bytes.
        len: usize,
    },
}

/// Whether headers that were received may be sent on: those with a key of 16 bytes may not.
pub(crate) fn sendable(headers: Headers<'_>) -> Result<(), HeaderError> {
    if headers.raw().any(|(key, _)| key.len() > MAX_HEADER_KEY) {
        return headers.iter().try_for_each(|(key, _)| check_key(key));
    }
    Ok(())
}

fn put_headers<K: AsRef<str>, V: AsRef<str>>(
    out: &mut Vec<u8>,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Result<(), HeaderError> {
    let start = out.len();
    let mut count = 0_u8;
    let mut filter = KeyFilter::default();
    out.push(count);
    for (key, value) in pairs {
        let (key, value) = (key.as_ref(), value.as_ref());
        count += 1;
        if usize::from(count) > MAX_HEADERS {
            return Err(HeaderError::TooMany { count: usize::from(count) });
        }
        check_key(key)?;
        filter.insert(key.as_bytes());
        put_short(out, key).map_err(|len| HeaderError::KeyLength { key: key.to_owned(), len })?;
        put_short(out, value).map_err(|len| HeaderError::ValueLength { key: key.to_owned(), len })?;
    }
    let block = &mut out[start..];
    block[0] = count;
    match filter.is_suspicious().then(|| duplicate(block)).flatten() {
        Some(at) => {
            let (key, _) = super::split_short(&block[at..]).unwrap_or_default();
            Err(HeaderError::Duplicate { key: text(key).to_owned() })
        }
        None => Ok(()),
    }
}

fn check_key(key: &str) -> Result<(), HeaderError> {
    match key.len() {
        1..=MAX_HEADER_KEY => Ok(()),
        len => Err(HeaderError::KeyLength { key: key.to_owned(), len }),
    }
}

fn put_short(out: &mut Vec<u8>, text: &str) -> Result<(), usize> {
    let len = u8::try_from(text.len()).map_err(|_| text.len())?;
    out.push(len);
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests;
