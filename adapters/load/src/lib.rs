//! Calls at a server and what they took, whatever makes the calls and whatever runs them.
//!
//! A [`Load`] says how many and for how long: [`run`] keeps a number of them in flight (a closed loop: each caller waits for its answer
//! before it calls again), or starts so many a second whatever becomes of them (an open loop). In an open loop a latency
//! counts from the moment at which a call was due, so that a server that stands still is seen by all calls that it holds
//! up, also those that could not even start.
//!
//! All callers are futures of one task: nothing is allocated or spawned for a call by the loop itself.

mod clock;
mod cpu;
mod extent;
mod load;
mod measured;
mod outcome;

pub use clock::{Clock, Threads};
pub use cpu::Cpu;
pub use extent::Extent;
pub use load::{Load, Progress, run};
pub use measured::Measured;
pub use outcome::{Ended, Outcome};
