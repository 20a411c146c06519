//! json and thrift: byte by byte, and by typed calls.

mod json;
mod thrift;
mod typed;

use crate::interop::Scenario;

pub(super) fn all() -> Vec<Scenario> {
    [json::all(), thrift::all(), typed::all()].into_iter().flatten().collect()
}
