//! The simulator of a mesh: many channels, the network between them and one virtual clock, made from a seed.
//!
//! A [`Scenario`] says which nodes there are and what happens. A [`World`] runs it: it carries bytes, opens and loses
//! streams, plays the owners of the channels, and asks the [`laws`] after every step. What each call may end as is decided by
//! a [`model`]. A seed that fails prints itself, the smallest scenario that still fails and its trace:
//!
//! ```text
//! TCHANNEL_SEED=42 cargo test -p tchannel-tests --test mesh one_seed -- --nocapture
//! ```
//!
//! Law 1 is a connection's alone: a channel chooses peers by their load at the moment, so what arrives together and what
//! arrives apart may go to different peers.

#![allow(clippy::wildcard_enum_match_arm, reason = "the laws look for a few events among all")]

mod generate;
pub mod laws;
mod machine;
pub mod model;
mod network;
mod node;
mod run;
mod scenario;
mod shrink;
mod world;

pub use generate::{Menu, generate};
pub use machine::Machine;
pub use run::{check, compare, from_seed, run};
pub use scenario::{
    Announces, Ask, Chooses, Door, Knows, Mood, Scenario, Serve, Service, Setup, Step, Takes, Way, Who, Word,
};
pub use shrink::{explain, shrink};
pub use world::World;
