//! json and thrift, byte by byte.

mod json;
mod thrift;

use crate::interop::Scenario;

pub(super) fn all() -> Vec<Scenario> {
    json::all().into_iter().chain(thrift::all()).collect()
}
