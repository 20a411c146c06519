//! Thrift IDL, parsed with its includes.
//!
//! ```text
//!  text ──syntax──→ tree ──resolve──→ model::Definitions
//! ```
//!
//! This crate may use std, and reads files when [`Idl::load`] is asked to; it does no other I/O. Text may come from
//! anywhere: it gives definitions or an error, in bounded time and memory.
#![forbid(unsafe_code)]

mod error;
mod idl;
pub mod model;
mod resolve;
mod syntax;

pub use error::{Error, Fault, Position};
pub use idl::Idl;
