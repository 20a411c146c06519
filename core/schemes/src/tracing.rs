//! Application headers that carry a trace.

/// Prefix of the names of application headers that carry a trace, in schemes `json` and `thrift`.
///
/// They are passed through like any other. A service that passes the headers of its own request on replaces them by
/// those of the new span (`set_tracing`) or strips them (`strip_tracing`).
pub const TRACING_PREFIX: &str = "$tracing$";

/// Whether a header carries a trace.
pub fn is_tracing(name: &str) -> bool {
    name.starts_with(TRACING_PREFIX)
}
