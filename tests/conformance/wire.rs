//! Cases of the specification of the wire format: reading and writing of fragments, and what is never sent.

pub(crate) mod boundaries;
pub(crate) mod reading;
pub(crate) mod writing;

/// All their names.
pub(crate) const NAMES: &[&[&str]] = &[boundaries::NAMES, reading::NAMES, writing::NAMES];
