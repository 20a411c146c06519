//! The laws of a channel, checked by [`Machine`](super::Machine) after each step.
//!
//! Numbers are those of the architecture page: 2 (each ticket ends once, in time), 3 (timeouts), 4 (entries within their
//! limits, and none left behind), 5 (quiet comes), 6 (same seed, same trace), 8 (names never collide, nothing reaches another
//! call), 10 (nothing after `Drained`). Beside them stand the rules for attempts, which break as `law 2`: not more than
//! allowed, no peer twice, no ttl past what is left, one trace and different spans, no retry beyond the budget; and the rules
//! for connections: one dial at a time, one `Connect` and one `Close` for each name.

mod attempts;
mod budget;
mod served;
mod sockets;
mod tickets;

pub use attempts::{Attempt, check_attempt};
pub use budget::Retries;
pub(super) use served::Served;
pub use sockets::Sent;
pub(super) use sockets::{NUMBER, Sockets};
pub(super) use tickets::Tickets;
