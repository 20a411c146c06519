//! Faults that the machine once had, each as the behaviour that was missing.
//!
//! The cases are small: one machine, and a peer that is only bytes. What a peer or an owner can make a machine keep is
//! measured at the allocator, never taken from the machine's own count.

#[path = "regressions/draining.rs"]
mod draining;
#[path = "regressions/handshake.rs"]
mod handshake;
#[path = "regressions/held.rs"]
mod held;
#[path = "regressions/kept.rs"]
mod kept;
#[path = "regressions/readers.rs"]
mod readers;
#[path = "regressions/solo.rs"]
mod solo;
#[path = "regressions/texts.rs"]
mod texts;
#[path = "regressions/timers.rs"]
mod timers;
#[path = "regressions/waiting.rs"]
mod waiting;
#[path = "regressions/wire.rs"]
mod wire;
#[path = "regressions/writers.rs"]
mod writers;

use tchannel_tests::heap::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;
