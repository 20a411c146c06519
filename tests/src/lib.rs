//! The simulator: many connections, the links between them and one virtual clock, made from a seed.
//!
//! A [`scenario`] is a list of steps. A [`world`] runs it, with all the [`laws`] checked after every step, and judges each
//! call by a [`model`]. What happened is a [`trace`]. Tests and fuzz targets use the same code. A seed that fails prints
//! itself, the smallest scenario that still fails, its trace, and the command that runs it again:
//!
//! ```text
//! TCHANNEL_SEED=42 cargo test -p tchannel-tests --test simulation one_seed -- --nocapture
//! ```
//!
//! There are no threads here, no real time, and nothing is drawn from outside.

pub mod frames;
pub mod fuzz;
pub mod heap;
#[cfg(feature = "peer")]
pub mod interop;
pub mod laws;
pub mod link;
pub mod mesh;
pub mod model;
pub mod pair;
pub mod pattern;
#[cfg(feature = "peer")]
pub mod peers;
pub mod scenario;
pub mod shrink;
pub mod solo;
pub mod source;
pub mod trace;
pub mod upload;
pub mod world;
