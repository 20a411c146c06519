//! Why a call was refused.

use alloc::string::String;
use core::fmt;

use crate::{Nearest, RecordMode};

/// A call that no recording answers, in a cassette that records nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotRecord {
    /// What the cassette may do.
    pub mode: RecordMode,
    /// Where its file is, or empty.
    pub path: String,
    /// The service that was called.
    pub service: String,
    /// The endpoint that was called.
    pub endpoint: String,
    /// The recording that has most in common with the call, if there is any.
    pub nearest: Option<Nearest>,
}

impl fmt::Display for CannotRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CannotRecord { mode, path, service, endpoint, nearest } = self;
        f.write_str(if path.is_empty() { "the cassette" } else { path })?;
        write!(f, " has no answer for {service} {endpoint} and records none in mode {mode}: ")?;
        match nearest {
            Some(nearest) => write!(f, "{nearest}")?,
            None => f.write_str("it holds no calls")?,
        }
        f.write_str("; correct the call, or record it with mode new_episodes or anew with all")
    }
}

impl core::error::Error for CannotRecord {}
