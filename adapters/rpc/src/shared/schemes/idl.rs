//! Methods that are known at run time only.

mod call;
mod client;
mod serve;

pub use call::{Answer, Call, Sent, Value};
pub use client::{Client, Method};
