//! What the three arguments of a TChannel call mean, for each `as`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(feature = "thrift")]
pub mod thrift;
