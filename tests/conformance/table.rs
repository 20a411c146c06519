//! The reaction table, section 13: a case begins with the number of its row.

pub(crate) mod answers;
pub(crate) mod control;
pub(crate) mod framing;
pub(crate) mod handshake;
pub(crate) mod requests;
pub(crate) mod requests_in_parts;

/// All names of cases.
pub(crate) const NAMES: &[&[&str]] = &[
    answers::NAMES,
    control::NAMES,
    framing::NAMES,
    handshake::NAMES,
    requests::NAMES,
    requests_in_parts::NAMES,
];
