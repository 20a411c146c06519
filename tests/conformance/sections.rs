//! Cases beside the reaction table, named after the section of the specification of connections.

pub(crate) mod calls;
pub(crate) mod deadlines;
pub(crate) mod drain;
pub(crate) mod habits;
pub(crate) mod health;
pub(crate) mod limits;
pub(crate) mod memory;
pub(crate) mod schedule;
pub(crate) mod states;
pub(crate) mod streams;

/// All their names.
pub(crate) const NAMES: &[&[&str]] = &[
    calls::NAMES,
    deadlines::NAMES,
    drain::NAMES,
    habits::NAMES,
    health::NAMES,
    limits::NAMES,
    memory::NAMES,
    schedule::NAMES,
    states::NAMES,
    streams::NAMES,
];
